/*
 * npm run bench [-- seconds]: requests per CPU-second of the server process, relayer against
 * grpc-js with full decoding, in the same run.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const SECONDS = Number(process.argv[2] ?? 4);
const SHAPES = [
  { name: 'p5', items: 5, textBytes: 240, concurrency: 200 },
  { name: 'p100', items: 100, textBytes: 210, concurrency: 64 },
  { name: 'pk20', items: 20, textBytes: 5_130, concurrency: 32 },
];
const CLOCK_TICKS = 100;
const children = new Set<ChildProcess>();

interface Load {
  readonly requests: number;
  readonly failed: number;
  readonly bytes: number;
  readonly p50: number;
  readonly p99: number;
}

function start(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const loader = script.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...loader, script, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  return child;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) =>
    child.stdout?.once('data', (bytes: Buffer) => resolve(String(bytes).trim().split('\n')[0] ?? '')),
  );
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 25_000);
  await ended;
  clearTimeout(timer);
  children.delete(child);
}

/** User and system time of a process so far. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

function peakMiB(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function load(port: number, shape: (typeof SHAPES)[number], seconds: number, rate = 0): Promise<Load> {
  const child = start(
    join(here, 'load-generator.ts'),
    [port, shape.items, shape.textBytes, seconds, shape.concurrency, rate].map(String),
  );
  return JSON.parse(await firstLine(child)) as Load;
}

async function metric(port: number, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
}

async function measure(
  server: ChildProcess,
  port: number,
  shape: (typeof SHAPES)[number],
  drained: () => Promise<boolean>,
): Promise<Load & { perCpuSecond: number; peakMiB: number }> {
  const pid = server.pid as number;
  await load(port, shape, 1.5);
  const before = cpuSeconds(pid);
  const result = await load(port, shape, SECONDS);
  while (!(await drained())) await new Promise((resolve) => setTimeout(resolve, 50));
  const cpu = cpuSeconds(pid) - before;
  return { ...result, perCpuSecond: result.requests / cpu, peakMiB: peakMiB(pid) };
}

const PORTS = { baseline: 24_317, grpc: 24_318, http: 24_319, health: 24_320 };

async function startRelayer(root: string, backendPort: string): Promise<ChildProcess> {
  mkdirSync(join(root, 'var/run/consonant/cluster'), { recursive: true });
  writeFileSync(join(root, 'var/run/consonant/cluster/clusterId'), 'bench');
  writeFileSync(join(root, 'var/run/consonant/cluster/clusterToken'), 'bench-token');
  const child = start(join(here, '../dist/main.js'), ['run', '--root', root], {
    CLUSTER_NAME: 'bench',
    BACKEND_URL: `http://127.0.0.1:${backendPort}`,
    LOG_LEVEL: 'warn',
    // The image has no native modules; the backend, which shares the machine, may use one.
    WS_NO_BUFFER_UTIL: '1',
    OTLP_GRPC_PORT: String(PORTS.grpc),
    OTLP_HTTP_PORT: String(PORTS.http),
    HEALTH_PORT: String(PORTS.health),
  });
  child.stdout?.pipe(process.stdout);
  while (
    !(await fetch(`http://127.0.0.1:${PORTS.health}/readyz`).then(
      (response) => response.ok,
      () => false,
    ))
  )
    await new Promise((resolve) => setTimeout(resolve, 50));
  return child;
}

async function compare(shape: (typeof SHAPES)[number], backendPort: string): Promise<Record<string, string | number>> {
  const baselineServer = start(join(here, 'baseline-server.ts'), [
    String(PORTS.baseline),
    `http://127.0.0.1:${backendPort}`,
  ]);
  await firstLine(baselineServer);
  const baseline = await measure(baselineServer, PORTS.baseline, shape, () => Promise.resolve(true));
  await stop(baselineServer);
  const root = mkdtempSync(join(tmpdir(), 'relayer-bench-'));
  const server = await startRelayer(root, backendPort);
  const relayer = await measure(
    server,
    PORTS.grpc,
    shape,
    async () => (await metric(PORTS.health, 'relayer_queue_bytes')) === 0,
  );
  const half = await load(PORTS.grpc, shape, SECONDS, Math.round(relayer.requests / SECONDS / 2));
  await stop(server);
  rmSync(root, { recursive: true });
  return {
    request: `${shape.name}: ${shape.items} spans, ${(relayer.bytes / 1000).toFixed(1)} kB`,
    'grpc-js req/CPU-s': Math.round(baseline.perCpuSecond),
    'relayer req/CPU-s': Math.round(relayer.perCpuSecond),
    ratio: `${(relayer.perCpuSecond / baseline.perCpuSecond).toFixed(1)}×`,
    'relayer req/s': Math.round(relayer.requests / SECONDS),
    failed: relayer.failed + baseline.failed,
    'p99 ms at half load': half.p99.toFixed(1),
    'peak RSS MiB': Math.round(relayer.peakMiB),
  };
}

try {
  const backend = start(join(here, 'backend.ts'), []);
  const backendPort = await firstLine(backend);
  const only = process.argv[3];
  const rows = [];
  for (const shape of SHAPES) if (!only || shape.name === only) rows.push(await compare(shape, backendPort));
  console.table(rows);
} finally {
  for (const child of children) child.kill('SIGKILL');
}
