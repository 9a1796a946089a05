import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Processes } from './processes.ts';

it('starts nothing once all are stopped: a scenario that goes on would leave it behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'processes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const processes = new Processes(folder);
  const start = (): void => processes.start('one', process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
  start();
  processes.assertRunning('one');
  await processes.stopAll();
  expect(() => processes.assertRunning('one')).toThrow('has ended');
  expect(start).toThrow('the run ends');
});
