// The whole path on one machine: simulated kagent agents → relayer → backend → page. Only Node and npm.
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundle as buildRelayer } from '../../../relayer/scripts/build.mjs';
import { buildAll } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const PORT = Number(process.env.PORT || 3000);
const SPEED = Number(process.env.DEMO_SPEED || 1);
const PORTS = [
  [PORT, 'the backend and its page', 'PORT=3001 npm run demo uses another one'],
  [4317, 'the relayer (OTLP/gRPC)', 'stop what listens there'],
  [4318, 'the relayer (OTLP/HTTP)', 'stop what listens there'],
  [8080, 'the relayer (health and metrics)', 'stop what listens there'],
];
const begin = performance.now();
let folder;
const children = [];
let stopping;
// Whoever read the output is gone: stopping goes on all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

function say(text) {
  console.log(`${((performance.now() - begin) / 1000).toFixed(1).padStart(5)} s  ${text}`);
}

function refuse(code, problems) {
  console.error(`\nThe demo can not start${problems}\n`);
  process.exit(code);
}

function checkSettings() {
  const own = PORTS.slice(1).map(([port]) => port);
  if (!Number.isInteger(PORT) || PORT < 1 || PORT > 65_535 || own.includes(PORT))
    refuse(64, `: PORT must be a whole number from 1 to 65535, and none of the relayer's (${own.join(', ')})`);
  if (!(SPEED >= 0.01 && SPEED <= 1_000)) refuse(64, ': DEMO_SPEED must be a number from 0.01 to 1000');
}

/** Says which ports are taken, all of them. */
async function checkPorts() {
  const problems = [];
  for (const [port, what, advice] of PORTS) {
    const code = await listenError(port);
    if (code === 'EACCES') refuse(69, `: port ${port}, for ${what}, is not allowed to this user; ${advice}`);
    if (code) problems.push(`  ${port}: ${what} needs it; ${advice}`);
  }
  if (problems.length > 0) refuse(69, `, these ports are in use:\n${problems.join('\n')}`);
}

/** Why nothing can listen there. `localhost` may be ::1 too: who listens there would get what is meant for the demo. */
async function listenError(port) {
  for (const host of ['0.0.0.0', '127.0.0.1', '::1']) {
    const error = await new Promise((resolve) => {
      const server = createServer();
      server.once('error', resolve);
      server.listen(port, host, () => server.close(() => resolve(undefined)));
    });
    // Without IPv6 nothing can be there.
    if (error && !(host === '::1' && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(error.code))) return error.code;
  }
  return undefined;
}

const FOLDER = /^consonant-demo-(\d+)-/;

/** The folder of this demo. Those of demos that were killed are removed: a cluster's token is in them. */
function makeFolder() {
  for (const name of readdirSync(tmpdir())) {
    const owner = FOLDER.exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Somebody else's.
    }
  }
  return mkdtempSync(join(tmpdir(), `consonant-demo-${process.pid}-`));
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** In a process group of its own: Ctrl-C reaches only the demo, which then stops the parts in order. */
function start(name, script, args, env) {
  const watch = pathToFileURL(join(root, 'scripts/watch-parent.mjs')).href;
  const child = spawn(process.execPath, ['--import', watch, script, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { PATH: process.env.PATH, ...env },
  });
  const part = {
    name,
    child,
    output: '',
    exited: new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal))),
  };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes) => (part.output = (part.output + bytes).slice(-4000)));
  void part.exited.then((how) => {
    if (stopping) return;
    console.error(`\nThe ${name} ended by itself (${how}). Its last lines:\n${part.output}`);
    void stop(70);
  });
  children.push(part);
  return part;
}

/** Agents, then the relayer (which delivers what it has), then the backend. */
function stop(code) {
  stopping ??= (async () => {
    for (const { name, child, exited } of [...children].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      say(`stopping the ${name}`);
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await exited;
      clearTimeout(timer);
    }
    if (folder) rmSync(folder, { recursive: true, force: true });
    say('stopped');
    process.exit(code);
  })();
  return stopping;
}

async function until(what, condition) {
  const end = performance.now() + 60_000;
  while (!stopping && !(await condition().catch(() => false))) {
    if (performance.now() > end) throw new Error(`not within 60 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function metric(url, name) {
  const line = (await (await fetch(url)).text()).split('\n').find((candidate) => candidate.startsWith(name));
  return Number(line?.split(' ').at(-1) ?? 0);
}

async function register(url, token) {
  const response = await fetch(`${url}/api/v1/clusters`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID(), authorization: `Bearer ${token}` },
    body: JSON.stringify({ name: 'demo', namespace: 'kagent', metadata: { region: 'localhost' } }),
  });
  if (!response.ok) throw new Error(`the cluster could not be registered: ${response.status}`);
  const { id, token: clusterToken } = await response.json();
  const credentials = join(folder, 'var/run/consonant/cluster');
  mkdirSync(credentials, { recursive: true });
  writeFileSync(join(credentials, 'clusterId'), id, { mode: 0o600 });
  writeFileSync(join(credentials, 'clusterToken'), clusterToken, { mode: 0o600 });
}

/** The three parts at once: the relayer takes telemetry before there is a backend, and waits for its credentials. */
function startParts(url, { accessToken, registrationToken }) {
  say('starting the backend on its embedded PostgreSQL');
  start('backend', join(root, 'dist/main.js'), [], {
    PORT: String(PORT),
    DATA_DIRECTORY: join(folder, 'database'),
    NODE_NAME: 'demo-backend',
    ACCESS_TOKEN: accessToken,
    REGISTRATION_TOKEN: registrationToken,
    RELAYER_METRICS_URLS: 'http://127.0.0.1:8080/metrics',
  });
  say('starting the relayer on 4317, 4318 and 8080, and the simulated agents');
  start('relayer', join(root, '../../relayer/dist/main.js'), ['run', '--root', folder], {
    CLUSTER_NAME: 'demo',
    BACKEND_URL: url,
    BACKEND_RECONNECTION_MAX_DELAY_MS: '2000',
    POD_NAME: 'demo-relayer',
  });
  start('agents', join(root, 'dist/demo-agents.js'), [], { DEMO_SPEED: String(SPEED) });
}

async function run() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(0));
  checkSettings();
  await checkPorts();
  folder = makeFolder();
  say('building the backend, the page and the relayer');
  await Promise.all([buildAll(), buildRelayer()]);

  const newToken = () => randomBytes(24).toString('base64url');
  const tokens = { accessToken: newToken(), registrationToken: newToken() };
  const url = `http://localhost:${PORT}`;
  startParts(url, tokens);
  await until('the backend answers', async () => (await fetch(`${url}/health`)).ok);
  if (stopping) return;
  say('registering the cluster "demo"');
  await register(url, tokens.registrationToken);
  await until('the relayer is connected', async () => {
    const health = await (await fetch('http://127.0.0.1:8080/health')).json();
    return health.status === 'ok';
  });
  say('the relayer is connected');
  await until(
    'spans are stored',
    async () => (await metric(`${url}/metrics`, 'backend_items_stored_total{signal="traces"}')) > 0,
  );
  if (stopping) return;
  say('the first telemetry is stored\n');
  console.log(`  Open   ${url}/#token=${tokens.accessToken}`);
  console.log(`  Health of the relayer   http://localhost:8080/health`);
  console.log(`  Send your own telemetry to localhost:4317 (gRPC) or localhost:4318 (HTTP)`);
  console.log(`  Stop with Ctrl-C\n`);
}

run().catch((error) => {
  console.error(`\nThe demo could not start: ${error.message}`);
  for (const { name, output } of children) if (output) console.error(`\nlast lines of the ${name}:\n${output}`);
  void stop(70);
});
