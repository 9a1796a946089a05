import { expect, it } from 'vitest';
import { attempt, run } from './command.ts';

it('gives back what a program printed and its exit code', async () => {
  const script = 'console.log("out"); console.error("err"); process.exitCode = 3';
  const result = await attempt(process.execPath, ['-e', script]);
  expect(result).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
});

it('says what a program said that had to succeed', async () => {
  const failed = run(process.execPath, ['-e', 'console.error("no room"); process.exit(3)']);
  await expect(failed).rejects.toThrow(/exit code 3\nno room/);
});

it('ends a program that runs when the run is stopped, and starts no further one', async () => {
  const stop = new AbortController();
  const started = performance.now();
  const waiting = run(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { signal: stop.signal });
  setTimeout(() => stop.abort(), 50);
  await expect(waiting).rejects.toThrow('aborted');
  await expect(run(process.execPath, ['-e', ''], { signal: stop.signal })).rejects.toThrow('aborted');
  expect(performance.now() - started).toBeLessThan(30_000);
});
