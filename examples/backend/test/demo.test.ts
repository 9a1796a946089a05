import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { launchBrowser, MISSING_BROWSER } from './fixtures/browser.ts';
import { until } from './fixtures/node.ts';
import { freePort } from './fixtures/servers.ts';
import { describeWith } from './fixtures/tiers.ts';

const DEMO = join(dirname(fileURLToPath(import.meta.url)), '../scripts/demo.mjs');
/** The relayer's default ports: the demo takes these and no others. */
const RELAYER_PORTS = [4317, 4318, 8080];
const MAX_START_MS = 15_000;
/** The demo's temporary folder is made in here. */
const scratch = mkdtempSync(join(tmpdir(), 'demo-test-'));
let child: ChildProcess | undefined;
afterAll(async () => {
  if (child && child.exitCode === null && child.signalCode === null) {
    const exited = new Promise((resolve) => child?.once('exit', resolve));
    child.kill('SIGTERM');
    await exited;
  }
  rmSync(scratch, { recursive: true, force: true });
});

function startDemo(
  port: number | string,
  settings: Readonly<Record<string, string>> = {},
): {
  output: () => string;
  exit: Promise<number | null>;
  /** Process ids of backend, relayer, agents and what else it has started. */
  children: () => number[];
} {
  let output = '';
  const env = { PATH: process.env['PATH'] ?? '', PORT: String(port), TMPDIR: scratch, ...settings };
  const started = spawn(process.execPath, [DEMO], { env });
  for (const stream of [started.stdout, started.stderr])
    stream.on('data', (bytes: Buffer) => (output += String(bytes)));
  child = started;
  return {
    output: () => output,
    exit: new Promise((resolve) => started.once('exit', resolve)),
    children: () =>
      readFileSync(`/proc/${started.pid}/task/${started.pid}/children`, 'utf8').trim().split(' ').map(Number),
  };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
}

/** Resolves with how to free it; undefined when something else has the port. */
function occupy(port: number): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () =>
      resolve(async () => {
        await new Promise((done) => server.close(done));
      }),
    );
  });
}

async function areFree(): Promise<boolean> {
  for (const port of RELAYER_PORTS) {
    const free = await occupy(port);
    if (!free) return false;
    await free();
  }
  return true;
}

test('a taken port is a clear message, and nothing is left running', async () => {
  const port = await freePort();
  const free = await occupy(port);
  const { output, exit } = startDemo(port);
  expect(await exit).toBe(69);
  expect(output()).toMatch(new RegExp(`ports are in use:\\s+${port}: the backend`));
  await free?.();
});

test('settings that can not work are told before anything is started', async () => {
  for (const [port, settings, message] of [
    ['abc', {}, 'PORT must be a whole number from 1 to 65535'],
    ['4317', {}, 'PORT must be a whole number from 1 to 65535'],
    ['', { DEMO_SPEED: '0' }, 'DEMO_SPEED must be a number'],
    ['', { DEMO_SPEED: 'fast' }, 'DEMO_SPEED must be a number'],
  ] as const) {
    const { output, exit } = startDemo(port, settings);
    expect(await exit).toBe(64);
    expect(output()).toContain(message);
  }
  expect(readdirSync(scratch)).toEqual([]);
});

describe('the demo', () => {
  let demo: ReturnType<typeof startDemo>;
  let begin: number;

  test('from nothing to stored telemetry in under 15 s', async () => {
    expect(await areFree(), 'the ports 4317, 4318 and 8080 must be free for this test').toBe(true);
    begin = performance.now();
    demo = startDemo(await freePort());
    await until('it prints the address', () => demo.output().includes('#token='));
    expect(performance.now() - begin).toBeLessThan(MAX_START_MS);
  });

  describeWith(MISSING_BROWSER, 'the page of the demo', () => {
    test('shows it in the same 15 s; errors, tools and several agents follow', async () => {
      const browser = await launchBrowser();
      const page = await browser.newPage();
      await page.goto(/http:\/\/localhost:\d+\/#token=\S+/.exec(demo.output())?.[0] ?? '');
      await page.getByRole('listbox', { name: 'Traces' }).getByRole('option').first().waitFor();
      await page.getByRole('button', { name: /demo.*connected/s }).waitFor();
      expect(performance.now() - begin).toBeLessThan(MAX_START_MS);
      await page
        .getByRole('option', { name: /errors/ })
        .first()
        .waitFor();
      await expect.poll(() => page.locator('.sidebar li').count(), { timeout: 20_000 }).toBeGreaterThanOrEqual(5);
      await browser.close();
    });
  });

  test('Ctrl-C stops all of it: the ports are free, no process and no folder is left', async () => {
    const parts = demo.children();
    expect(parts.length).toBeGreaterThanOrEqual(3);
    child?.kill('SIGINT');
    expect(await demo.exit).toBe(0);
    await until('no part runs any more', () => parts.every((pid) => !isRunning(pid)));
    expect(await areFree()).toBe(true);
    expect(readdirSync(scratch)).toEqual([]);
  });

  test('a part that is killed ends the demo with how it ended; a demo that is killed takes its parts with it', async () => {
    demo = startDemo(await freePort());
    await until('it prints the address', () => demo.output().includes('#token='));
    const backend = demo.children().find((pid) => commandOf(pid).includes('backend/dist/main.js'));
    process.kill(backend ?? NaN, 'SIGKILL');
    expect(await demo.exit).toBe(70);
    expect(demo.output()).toContain('ended by itself (SIGKILL)');

    demo = startDemo(await freePort());
    await until('it prints the address', () => demo.output().includes('#token='));
    const parts = demo.children();
    child?.kill('SIGKILL');
    await demo.exit;
    await until('no part runs any more', () => parts.every((pid) => !isRunning(pid)));
    expect(readdirSync(scratch)).toHaveLength(1);

    demo = startDemo(await freePort());
    await until('what was left is removed', () => demo.output().includes('building'));
    child?.kill('SIGTERM');
    expect(await demo.exit).toBe(0);
    expect(readdirSync(scratch)).toEqual([]);
  });
});
