import { createHash } from 'node:crypto';
import { goJson, isFalsy, truncateBytes } from './go.ts';
import type { Json, JsonMap } from './json.ts';
import type { Kind } from './node.ts';

/**
 * One function of the expression language: its Helm spelling and its evaluation, so that neither can exist
 * without the other. The tests call every row in the real Helm binaries with thousands of arguments.
 */
export interface FunctionRow {
  /** Kinds of the operands; the last one repeats. */
  readonly parameters: readonly Kind[];
  readonly result: Kind;
  /** A name to put before the operands, or the whole call from the operands' texts. */
  readonly helm: string | ((...operands: readonly string[]) => string);
  readonly evaluate: (...operands: never[]) => Json;
  /** The last operand is the subject: `subject | name others`. */
  readonly piped?: boolean;
  /** Helm takes a missing subject for an empty one, so it needs no default. */
  readonly acceptsMissing?: boolean;
}

type Options = Pick<FunctionRow, 'piped' | 'acceptsMissing'>;

function row<Operands extends readonly unknown[]>(
  parameters: readonly Kind[],
  result: Kind,
  helm: FunctionRow['helm'],
  evaluate: (...operands: Operands) => Json,
  options: Options = {},
): FunctionRow {
  return { parameters, result, helm, evaluate: evaluate as unknown as FunctionRow['evaluate'], ...options };
}

const piped: Options = { piped: true };

function compare<T>(kind: Kind, helm: string, evaluate: (a: T, b: T) => boolean): FunctionRow {
  return row([kind, kind], 'boolean', helm, evaluate);
}

/** Go writes a replacement's group as `${1}`, ECMAScript as `$1`. */
function replaceAll(pattern: string, text: string, replacement: string): string {
  return text.replace(new RegExp(pattern, 'g'), replacement.replace(/\$\{([0-9])\}/g, '$$$1'));
}

function isVersionAtLeast(least: string, actual: string): boolean {
  const [major = 0, minor = 0] = least.split('.').map(Number);
  const found = /^v?([0-9]+)\.([0-9]+)/.exec(actual);
  if (found === null) return false;
  const [actualMajor, actualMinor] = [Number(found[1]), Number(found[2])];
  return actualMajor > major || (actualMajor === major && actualMinor >= minor);
}

const table = {
  not: row(['boolean'], 'boolean', 'not', (a: boolean) => !a),
  and: row(['boolean'], 'boolean', 'and', (...all: boolean[]) => all.every(Boolean)),
  or: row(['boolean'], 'boolean', 'or', (...all: boolean[]) => all.some(Boolean)),
  isEmpty: row(['scalar'], 'boolean', 'empty', (a: Json | undefined) => isFalsy(a), { acceptsMissing: true }),

  equalStrings: compare<string>('string', 'eq', (a, b) => a === b),
  equalBooleans: compare<boolean>('boolean', 'eq', (a, b) => a === b),
  equalIntegers: compare<number>('integer', 'eq', (a, b) => a === b),
  lessIntegers: compare<number>('integer', 'lt', (a, b) => a < b),
  atMostIntegers: compare<number>('integer', 'le', (a, b) => a <= b),
  lessNumbers: compare<number>('number', 'lt', (a, b) => a < b),
  atMostNumbers: compare<number>('number', 'le', (a, b) => a <= b),

  orDefault: row(['string', 'string'], 'string', 'default', (d: string, s: string | undefined) => s || d, {
    piped: true,
    acceptsMissing: true,
  }),
  orDefaultList: row(['list', 'list'], 'list', 'default', (d: Json[], l: Json[]) => (isFalsy(l) ? d : l), {
    piped: true,
    acceptsMissing: true,
  }),

  /** For unions such as integer-or-percentage: integers below 10^6, where Go's formats agree. */
  scalarText: row(['scalar'], 'string', 'toString', (a: Json) => String(a), piped),
  /** Text of digits without a leading 0 (Go would read octal); text without digits is 0. */
  integerOf: row(['string'], 'integer', 'int64', (a: string) => (/^-?[1-9][0-9]*$/.test(a) ? Number(a) : 0), piped),
  json: row(['scalar'], 'string', 'toJson', (a: Json) => goJson(a), piped),

  /** The cut must fall between two characters: half a character has no text. */
  trunc: row(['integer', 'string'], 'string', 'trunc', (n: number, s: string) => truncateBytes(s, n), piped),
  trimPrefix: row(
    ['string', 'string'],
    'string',
    'trimPrefix',
    (prefix: string, s: string) => (s.startsWith(prefix) ? s.slice(prefix.length) : s),
    piped,
  ),
  trimSuffix: row(
    ['string', 'string'],
    'string',
    'trimSuffix',
    (suffix: string, s: string) => (suffix !== '' && s.endsWith(suffix) ? s.slice(0, -suffix.length) : s),
    piped,
  ),
  replace: row(
    ['string', 'string', 'string'],
    'string',
    'replace',
    (from: string, to: string, s: string) => s.split(from).join(to),
    piped,
  ),
  contains: row(['string', 'string'], 'boolean', 'contains', (part: string, s: string) => s.includes(part)),
  hasPrefix: row(['string', 'string'], 'boolean', 'hasPrefix', (prefix: string, s: string) => s.startsWith(prefix)),
  hasSuffix: row(['string', 'string'], 'boolean', 'hasSuffix', (suffix: string, s: string) => s.endsWith(suffix)),
  regexMatch: row(['string', 'string'], 'boolean', 'regexMatch', (pattern: string, s: string) =>
    new RegExp(pattern).test(s),
  ),
  regexFind: row(
    ['string', 'string'],
    'string',
    'regexFind',
    (pattern: string, s: string) => new RegExp(pattern).exec(s)?.[0] ?? '',
    piped,
  ),
  regexReplace: row(['string', 'string', 'string'], 'string', 'regexReplaceAll', replaceAll),

  hasKey: row(
    ['string', 'map'],
    'boolean',
    (key, map) => `hasKey ${map} ${key}`,
    (key: string, map: JsonMap) => Object.hasOwn(map, key),
  ),
  has: row(['string', 'list'], 'boolean', 'has', (item: string, list: Json[]) => list.includes(item)),
  join: row(['string', 'list'], 'string', 'join', (separator: string, list: Json[]) => list.join(separator), piped),
  uniq: row(['list'], 'list', 'uniq', (list: Json[]) => [...new Set(list)], piped),
  /** Stands inside `uniq` only: of nothing but empty lists Go makes a null. */
  concatLists: row(['list'], 'list', 'concat', (...lists: Json[][]) => lists.flat()),

  base64: row(['string'], 'string', 'b64enc', (s: string) => Buffer.from(s, 'utf8').toString('base64'), piped),
  sha256: row(
    ['string'],
    'string',
    'sha256sum',
    (s: string) => createHash('sha256').update(s, 'utf8').digest('hex'),
    piped,
  ),

  add: row(['integer'], 'integer', 'add', (...all: number[]) => all.reduce((a, b) => a + b, 0)),
  // `+ 0`: an integer of Go's is never -0.
  mul: row(['integer'], 'integer', 'mul', (...all: number[]) => all.reduce((a, b) => a * b, 1) + 0),
  /** Integer division; the divisor is a positive literal. */
  div: row(['integer', 'integer'], 'integer', 'div', (a: number, b: number) => Math.trunc(a / b) + 0),

  kubeAtLeast: row(
    ['string', 'string'],
    'boolean',
    (least, actual) => `semverCompare ">=${least.slice(1, -1)}-0" ${actual}`,
    isVersionAtLeast,
  ),
} as const satisfies Record<string, FunctionRow>;

export type FunctionName = keyof typeof table;

/** The function table, by name. */
export const functions: Readonly<Record<FunctionName, FunctionRow>> = table;

export function functionRow(name: string): FunctionRow {
  const found = functions[name as FunctionName] as FunctionRow | undefined;
  if (found === undefined) throw new TypeError(`no function is called ${name}`);
  return found;
}

/** The kind that operand number `index` of a function must have. */
export function parameterKind(of: FunctionRow, index: number): Kind {
  return of.parameters[Math.min(index, of.parameters.length - 1)] ?? 'scalar';
}
