import { expect, test } from 'vitest';
import { attempt, run } from './command.ts';

test('a program gives back what it printed and its exit code', async () => {
  const script = 'console.log("out"); console.error("err"); process.exitCode = 3';
  const result = await attempt(process.execPath, ['-e', script]);
  expect(result).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
});

test('of a program that had to succeed, what it said is said', async () => {
  const failed = run(process.execPath, ['-e', 'console.error("no room"); process.exit(3)']);
  await expect(failed).rejects.toThrow(/exit code 3\nno room/);
});

test('a program is interrupted when the run is stopped, and none is started after that', async () => {
  const stop = new AbortController();
  const script = 'trap "echo interrupted; exit 3" INT; while :; do sleep 0.05; done';
  const result = attempt('sh', ['-c', script], { signal: stop.signal });
  setTimeout(() => stop.abort(), 100);
  expect(await result).toEqual({ code: 3, stdout: 'interrupted\n', stderr: '' });
  await expect(attempt('true', [], { signal: stop.signal })).rejects.toThrow('abort');
});

test('a program that had to succeed has failed when it was interrupted', async () => {
  const stop = new AbortController();
  const failed = run('sleep', ['60'], { signal: stop.signal });
  setTimeout(() => stop.abort(), 50);
  await expect(failed).rejects.toThrow('sleep 60: exit code 1');
});
