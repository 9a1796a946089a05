import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { describeError } from '../src/errors.ts';

test('a host that answers at none of its addresses is described by what they said', async () => {
  const error = await new Promise((resolve) => {
    const lookup = (_host: string, _options: object, done: (error: null, list: object[]) => void): void =>
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ]);
    connect({ host: 'database', port: 1, autoSelectFamily: true, lookup: lookup as never }).once('error', resolve);
  });
  expect(describeError(error)).toBe('connect ECONNREFUSED 127.0.0.1:1; connect ECONNREFUSED 127.0.0.2:1');
});

test('what is thrown without being an error is described by what it has', () => {
  expect(describeError({ name: 'ErrnoError', errno: 54 })).toBe('ErrnoError 54');
  expect(describeError('text')).toBe('text');
  expect(describeError(new Error('why'))).toBe('why');
});
