import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { attempt } from './command.ts';
import { guarded } from './guard.ts';

const forEver = new Promise<never>(() => undefined);
const guard = { timeoutMs: 60_000, broken: forEver, strays: new EventEmitter() };

test('work that ends by itself is its own answer', async () => {
  await expect(guarded(async () => 'done', guard)).resolves.toBe('done');
  await expect(guarded(() => Promise.reject(new Error('no')), guard)).rejects.toThrow('no');
  expect(guard.strays.eventNames()).toEqual([]);
});

test('work that hangs fails: by time, with what it needs, and with an error that nobody catches', async () => {
  await expect(guarded(() => forEver, { ...guard, timeoutMs: 20 })).rejects.toThrow('not over within 0.02 s');
  const broken = Promise.resolve(new Error('kubelet has ended'));
  await expect(guarded(() => forEver, { ...guard, broken })).rejects.toThrow('kubelet has ended');
  const stray = guarded(() => forEver, guard);
  guard.strays.emit('uncaughtException', new Error('stray'));
  await expect(stray).rejects.toThrow('stray');
});

test('a process that something ends before its work is over has failed', async () => {
  const codeOf = async (statements: string): Promise<number> => {
    const script = `import { exitWith } from '${new URL('guard.ts', import.meta.url).href}'; ${statements}`;
    return (await attempt(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])).code;
  };
  expect(await codeOf('setTimeout(() => process.exit(0), 10); await exitWith(new Promise(() => {}))')).toBe(1);
  expect(await codeOf('await exitWith(Promise.resolve(0))')).toBe(0);
  expect(await codeOf('await exitWith(Promise.resolve(3))')).toBe(3);
});
