import { expect, test } from 'vitest';
import { describeError } from '../src/errors.ts';

test('an error of several addresses is described by each of them', () => {
  const errors = ['::1', '127.0.0.1'].map((host) => new Error(`connect ECONNREFUSED ${host}:5432`));
  expect(describeError(new AggregateError(errors))).toBe(
    'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432',
  );
});

test('what is thrown without being an error is described by what it has', () => {
  expect(describeError({ name: 'ErrnoError', errno: 54 })).toBe('ErrnoError 54');
  expect(describeError('text')).toBe('text');
  expect(describeError(new Error('why'))).toBe('why');
});
