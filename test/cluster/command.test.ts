import { expect, test } from 'vitest';
import { attempt } from './command.ts';

test('a program is interrupted when the run is stopped, and none is started after that', async () => {
  const stop = new AbortController();
  const script = 'trap "echo interrupted; exit 3" INT; while :; do sleep 0.05; done';
  const result = attempt('sh', ['-c', script], { signal: stop.signal });
  setTimeout(() => stop.abort(), 100);
  expect(await result).toEqual({ code: 3, stdout: 'interrupted\n', stderr: '' });
  await expect(attempt('true', [], { signal: stop.signal })).rejects.toThrow('abort');
});
