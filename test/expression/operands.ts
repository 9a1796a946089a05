import fc from 'fast-check';
import { type FunctionName, functions, parameterKind } from '../../src/expression/functions.ts';
import type { Json } from '../../src/expression/json.ts';
import type { Kind } from '../../src/expression/node.ts';
import { anyJson, integerWithin, numberWithin } from '../equivalence/arbitrary-json.ts';
import { anyText } from '../equivalence/arbitrary-text.ts';

const choice = { unsafe: false };
/** Short texts over few letters, so that one is often part of another. */
const alike = fc.string({ unit: fc.constantFrom('a', 'b', '-', 'A', 'é', '😀'), maxLength: 6 });
const word = fc.oneof(anyText(choice), alike, alike);
/** Sums and products of three stay below 2^53. */
const factor = integerWithin(-(2 ** 17), 2 ** 17);
const integer = integerWithin(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
const nonEmpty = word.filter((text) => text !== '');

const ofKind: Readonly<Record<Kind, fc.Arbitrary<Json>>> = {
  string: word,
  integer,
  number: numberWithin(),
  boolean: fc.boolean(),
  scalar: anyJson(choice, 1),
  list: fc.array(word, { maxLength: 4 }),
  map: fc.dictionary(word, word, { maxKeys: 3 }),
};

/** Texts of digits as a JSON schema would have them, and no digits at all. */
const digits = fc.oneof(
  integerWithin(0, Number.MAX_SAFE_INTEGER).map((n) => String(n + 0)),
  fc.constant(''),
  fc.stringMatching(/^[g-z]+$/),
);
/** Unions such as integer-or-percentage. */
const union = fc.oneof(integerWithin(-999_999, 999_999), word, fc.boolean());
const version = fc
  .tuple(
    fc.constantFrom('', 'v'),
    fc.nat(2),
    fc.nat(40),
    fc.nat(20),
    fc.constantFrom('', '-eks-1', '+k3s1', '-rc.1', '-gke.100'),
  )
  .map(([v, major, minor, patch, tail]) => `${v}${major}.${minor}.${patch}${tail}`);
/** Rows whose operands are restricted: see their builders. */
const restricted: Readonly<Partial<Record<FunctionName, fc.Arbitrary<readonly Json[]>>>> = {
  isEmpty: fc.oneof(word, ofKind.list, ofKind.map).map((value) => [value]),
  add: fc.array(integerWithin(-(2 ** 50), 2 ** 50), { minLength: 3, maxLength: 3 }),
  mul: fc.array(factor, { minLength: 3, maxLength: 3 }),
  div: fc.tuple(integer, integerWithin(1, 2 ** 31)),
  integerOf: digits.map((text) => [text]),
  scalarText: union.map((value) => [value]),
  replace: fc.tuple(nonEmpty, word, word),
};

/** Lists of operands for a row of the function table. Rows with variable operands get three. */
export function operandsOf(name: FunctionName): fc.Arbitrary<readonly Json[]> {
  const row = functions[name];
  const kinds = operandKinds(name);
  return restricted[name] ?? fc.tuple(...kinds.map((_, i) => ofKind[parameterKind(row, i)]));
}

const variadic: readonly FunctionName[] = ['and', 'or', 'add', 'mul', 'concatLists'];

/** The kinds of the operands that `operandsOf` gives. */
export function operandKinds(name: FunctionName): readonly Kind[] {
  const row = functions[name];
  const count = variadic.includes(name) ? 3 : row.parameters.length;
  return Array.from({ length: count }, (_, i) => parameterKind(row, i));
}

export const versions: fc.Arbitrary<string> = version;
/** Texts of one to four bytes a character. */
export const multiByteTexts: fc.Arbitrary<string> = fc.oneof(
  word,
  fc.string({ unit: fc.constantFrom('a', 'é', '😀', '-', '中'), maxLength: 70 }),
);
export const words: fc.Arbitrary<string> = word;
