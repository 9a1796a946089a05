import { expect, test } from 'vitest';
import { attempt } from './command.ts';
import { takeTurn } from './turn.ts';

const module = new URL('turn.ts', import.meta.url).href;

test('one process at a time has the turn, and gives it back when it is killed', async () => {
  const name = `\0turn-test-${process.pid}`;
  const other = (then: string): ReturnType<typeof attempt> => {
    const script = `const { takeTurn } = await import('${module}');
      console.log(await takeTurn(${JSON.stringify(name)})); ${then}`;
    return attempt(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  };
  expect((await other(`process.kill(process.pid, 'SIGKILL')`)).stdout).toBe('true\n');
  expect(await takeTurn(name)).toBe(true);
  expect(await other('')).toMatchObject({ code: 0, stdout: 'false\n' });
});
