import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { hasChromium, launchBrowser } from './fixtures/browser.ts';
import { pause, until } from './fixtures/node.ts';
import { freePort } from './fixtures/servers.ts';

const DEMO = join(dirname(fileURLToPath(import.meta.url)), '../scripts/demo.mjs');
/** The relayer's default ports: the demo takes these and no others. */
const RELAYER_PORTS = [4317, 4318, 8080];
let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGTERM'));

function startDemo(port: number): { output: () => string; exit: Promise<number | null> } {
  let output = '';
  const started = spawn(process.execPath, [DEMO], { env: { PATH: process.env['PATH'] ?? '', PORT: String(port) } });
  for (const stream of [started.stdout, started.stderr])
    stream.on('data', (bytes: Buffer) => (output += String(bytes)));
  child = started;
  return { output: () => output, exit: new Promise((resolve) => started.once('exit', resolve)) };
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

test('from nothing to telemetry on the page in under 15 s; Ctrl-C stops all of it', async () => {
  expect(await areFree(), 'the ports 4317, 4318 and 8080 must be free for this test').toBe(true);
  const browser = hasChromium ? await launchBrowser() : undefined;
  const begin = performance.now();
  const { output, exit } = startDemo(await freePort());
  await until('it prints the address', () => output().includes('#token='), 30_000);
  const url = /http:\/\/localhost:\d+\/#token=\S+/.exec(output())?.[0] ?? '';
  if (browser) {
    const page = await browser.newPage();
    await page.goto(url);
    await page.getByRole('listbox', { name: 'Traces' }).getByRole('option').first().waitFor();
    await page.getByRole('button', { name: /demo.*connected/s }).waitFor();
    expect(performance.now() - begin).toBeLessThan(15_000);
    // All of it comes in time: errors, tools, several agents.
    await page
      .getByRole('option', { name: /errors/ })
      .first()
      .waitFor({ timeout: 20_000 });
    await expect.poll(() => page.locator('.sidebar li').count(), { timeout: 20_000 }).toBeGreaterThanOrEqual(5);
    await browser.close();
  } else {
    console.warn('DID NOT RUN: the demo’s page. Install Debian’s chromium.');
    expect(performance.now() - begin).toBeLessThan(15_000);
  }
  child?.kill('SIGINT');
  expect(await exit).toBe(0);
  await pause(100);
  expect(await areFree()).toBe(true);
}, 90_000);
