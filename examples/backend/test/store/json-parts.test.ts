import { expect, test } from 'vitest';
import { jsonParts } from '../../src/store/json-parts.ts';

const rows = Array.from({ length: 10 }, (_, id) => ({ id, text: 'x'.repeat(id === 3 ? 500 : 20) }));

test('rows are told in parts of about the size given, whole and in their order', () => {
  const parts = [...jsonParts(rows, { partCharacters: 100 })].map((part) => JSON.parse(part) as typeof rows);
  expect(parts.flat()).toEqual(rows);
  expect(parts.map(({ length }) => length)).toEqual([2, 1, 1, 2, 2, 2]);
});

test('no rows are no part', () => {
  expect([...jsonParts([])]).toEqual([]);
});

test('rows without end are an error before they fill the memory', () => {
  expect(() => [...jsonParts(rows, { partCharacters: 100, maxCharacters: 300 })]).toThrow(RangeError);
});
