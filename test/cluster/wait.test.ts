import { expect, it } from 'vitest';
import { HopelessError, until } from './wait.ts';

it('asks again after a failure, until there is an answer', async () => {
  let asked = 0;
  const answer = await until('an answer', async () => (++asked > 2 ? asked : Promise.reject(new Error('not yet'))), {
    intervalMs: 1,
  });
  expect(answer).toBe(3);
});

it('says what it waited for and what went wrong last', async () => {
  const never = until('an answer', () => Promise.reject(new Error('not yet')), { timeoutMs: 5, intervalMs: 1 });
  await expect(never).rejects.toThrow('not within 0.005 s: an answer: not yet');
});

it('does not wait for what has ended', async () => {
  let asked = 0;
  const ended = until('an answer', () => Promise.reject(new HopelessError(`asked ${++asked} times`)), {
    intervalMs: 1,
  });
  await expect(ended).rejects.toThrow('asked 1 times');
});
