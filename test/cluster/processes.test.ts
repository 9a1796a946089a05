import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Processes } from './processes.ts';
import { HopelessError, until } from './wait.ts';

function processesInAFolder(): Processes {
  const folder = mkdtempSync(join(tmpdir(), 'processes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return new Processes(folder);
}

test('a program that ends by itself is said, with its path, how it ended, and the end of its log', async () => {
  const processes = processesInAFolder();
  processes.start('etcd', '/bin/sh', ['-c', 'echo broken; kill -SEGV $$']);
  const message = 'etcd (/bin/sh) has ended with SIGSEGV:\nbroken\n';
  expect((await processes.broken).message).toBe(message);
  expect(() => processes.assertRunning('etcd')).toThrow(message);
  expect(() => processes.assertRunning('kubelet')).toThrow('kubelet does not run');
});

test('a program that could not be started is said too', async () => {
  const processes = processesInAFolder();
  processes.start('etcd', '/nowhere/etcd', []);
  expect((await processes.broken).message).toMatch(/^etcd \(\/nowhere\/etcd\) has ended with .*ENOENT/);
});

test('one that was asked to stop has not ended by itself', async () => {
  const processes = processesInAFolder();
  let broken: Error | undefined;
  void processes.broken.then((error) => (broken = error));
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    processes.start('backend', 'sleep', ['60']);
    await processes.stop('backend', signal);
  }
  processes.start('backend', 'sleep', ['60']);
  await until('it runs', async () => processes.assertRunning('backend') === undefined, { timeoutMs: 1000 });
  await processes.stopAll();
  expect(broken).toBeUndefined();
});

test('nobody waits for one that does not run', async () => {
  const processes = processesInAFolder();
  processes.start('etcd', '/bin/sh', ['-c', 'exit 1']);
  await processes.broken;
  for (const name of ['etcd', 'kubelet']) expect(() => processes.assertRunning(name)).toThrow(HopelessError);
});

test('none is started once all are stopped: a scenario that goes on would leave it behind', async () => {
  const processes = processesInAFolder();
  const start = (): void => processes.start('backend', 'sleep', ['60']);
  start();
  await processes.stopAll();
  expect(() => processes.assertRunning('backend')).toThrow('does not run');
  expect(start).toThrow('the run ends');
});
