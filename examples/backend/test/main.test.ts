import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { copyEmptyStore } from './fixtures/empty-store.ts';
import { freePort } from './fixtures/servers.ts';
import { until } from './fixtures/node.ts';

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '../dist/main.js');

test('it goes on when nobody reads its log any more, and stops in order when its terminal is closed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'backend-main-'));
  const store = join(folder, 'database');
  copyEmptyStore(store);
  const port = await freePort();
  const env = { PATH: process.env['PATH'] ?? '', PORT: String(port), DATA_DIRECTORY: store };
  const child = spawn(process.execPath, [MAIN], { env });
  for (const stream of [child.stdout, child.stderr]) stream.destroy();
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  const answers = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until('it answers', answers);
  child.kill('SIGHUP');
  expect(await exited).toBe(0);
  expect(existsSync(`${store}.lock`)).toBe(false);
  rmSync(folder, { recursive: true, force: true });
});
