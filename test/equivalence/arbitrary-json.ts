import fc from 'fast-check';
import type { Json } from '../helm/json.ts';
import { anyKey, anyText, type TextChoice } from './arbitrary-text.ts';

const around: readonly number[] = [
  0,
  1,
  2,
  3,
  100,
  999_999,
  1e6,
  1_000_001,
  1e7,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
];
const fractions: readonly number[] = [-0, 0.1, 0.5, 1.5, 1e-7, 123456789.125, 1e21, 1e300, 5e-324];

/** Integers from min to max: anything between them, the two ends, and where number formats change. */
export function integerWithin(min: number, max: number): fc.Arbitrary<number> {
  const edges = [min, min + 1, max - 1, max, ...around, ...around.map((edge) => 0 - edge)];
  return fc.oneof(
    integer(min, max),
    fc.constantFrom(...edges.filter((edge) => edge >= min && edge <= max)),
    integer(min, Math.min(max, min + 10)),
  );
}

/** Numbers from min to max, with and without a fraction. Without limits any finite ones. */
export function numberWithin(min: number = -Number.MAX_VALUE, max: number = Number.MAX_VALUE): fc.Arbitrary<number> {
  const edges = [min, max, ...around, ...around.map((edge) => 0 - edge), ...fractions];
  return fc.oneof(
    fc.double({ min, max, noNaN: true }),
    fc.constantFrom(...edges.filter((edge) => edge >= min && edge <= max)),
    ...(Math.ceil(min) <= Math.floor(max) ? [integer(Math.ceil(min), Math.floor(max))] : []),
  );
}

/** Any JSON value, `null` included, at most `depth` maps or lists deep. */
export function anyJson(choice: TextChoice, depth = 2): fc.Arbitrary<Json> {
  const scalar = fc.oneof<fc.MaybeWeightedArbitrary<Json>[]>(
    anyText(choice),
    fc.oneof(numberWithin(), fc.integer({ min: -10, max: 10 })),
    fc.boolean(),
    fc.constant(null),
  );
  if (depth === 0) return scalar;
  const inner = anyJson(choice, depth - 1);
  return fc.oneof<fc.MaybeWeightedArbitrary<Json>[]>(
    { weight: 3, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(inner, { maxLength: 3 }) },
    { weight: 1, arbitrary: mapOf(anyKey(choice), inner) },
  );
}

/** Maps of at most three entries, often none. `__proto__` is a key like any other. */
export function mapOf(key: fc.Arbitrary<string>, value: fc.Arbitrary<Json>): fc.Arbitrary<{ [key: string]: Json }> {
  return fc.array(fc.tuple(key, value), { maxLength: 3 }).map((entries) => Object.fromEntries(entries));
}

/** fast-check takes safe integers only. */
function integer(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min: Math.max(min, -Number.MAX_SAFE_INTEGER), max: Math.min(max, Number.MAX_SAFE_INTEGER) });
}
