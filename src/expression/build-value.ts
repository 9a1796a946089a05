import { functionRow, parameterKind, type FunctionName } from './functions.ts';
import { checkPrintable } from './check-printable.ts';
import { junction, negate } from './negate.ts';
import { type Expression, type Kind, type Node, type Root, node, nodeOf, wrap } from './node.ts';
import { patternProblem } from './pattern.ts';
import type { Templated } from './templated.ts';

/** A T that is known now, or one that Helm will know. */
export type Or<T> = T | Expression<T>;
type Scalar = string | number | boolean;
type Numeric = Or<number>;

function call<T>(fn: FunctionName, ...operands: readonly unknown[]): Expression<T> {
  const row = functionRow(fn);
  const args = operands.map(nodeOf);
  args.forEach((arg, i) => checkOperand(fn, arg, parameterKind(row, i)));
  return wrap({ op: 'call', fn, kind: row.result, args });
}

/** TypeScript knows one type of numbers, and Go would cut a fraction off without a word. */
function checkOperand(fn: string, of: Node, wanted: Kind): void {
  const fits = wanted === 'scalar' || of.kind === wanted || (wanted === 'number' && of.kind === 'integer');
  if (!fits) throw new TypeError(`${fn} takes a value of kind ${wanted}, not ${of.kind}`);
  if (wanted === 'integer' && of.op === 'literal' && !Number.isSafeInteger(of.value)) {
    throw new TypeError(`${fn} takes integers below 2^53`);
  }
}

// Conditions

export function not(condition: Expression<boolean>): Expression<boolean> {
  return wrap(negate(condition[node]));
}
export function and(...conditions: readonly Expression<boolean>[]): Expression<boolean> {
  return wrap(junction('and', conditions.map(nodeOf)));
}
export function or(...conditions: readonly Expression<boolean>[]): Expression<boolean> {
  return wrap(junction('or', conditions.map(nodeOf)));
}

function portable(pattern: string): string {
  const problem = patternProblem(pattern);
  if (problem !== undefined) throw new TypeError(problem);
  return pattern;
}

type MayBeEmpty = Expression<string | readonly unknown[] | object>;
/** True for "", an empty list or an empty map. Prints `not X` in a condition. */
export function isEmpty(value: MayBeEmpty): Expression<boolean> {
  return call('isEmpty', value);
}
/** The opposite of isEmpty. Prints a bare `X` in a condition. */
export function isNotEmpty(value: MayBeEmpty): Expression<boolean> {
  return not(isEmpty(value));
}
/** For a union with "" as "not set": true for 0 and false too. Prints `ne (toString X) ""`. */
export function isGiven(value: Expression<Scalar>): Expression<boolean> {
  return not(equals(scalarText(value), ''));
}

const equalities: Readonly<Partial<Record<Kind, FunctionName>>> = {
  string: 'equalStrings',
  boolean: 'equalBooleans',
  integer: 'equalIntegers',
};
/** Prints `eq A B`, integers cast on both sides. */
export function equals<T extends Scalar>(a: Expression<T>, b: NoInfer<Or<T>>): Expression<boolean> {
  const fn = equalities[a[node].kind];
  if (fn === undefined) throw new TypeError(`equals compares text, integers or booleans, not ${a[node].kind}`);
  return call(fn, a, b);
}
function isNumber(value: Numeric): boolean {
  return nodeOf(value).kind === 'number';
}
/** Prints `lt A B`. */
export function lessThan(a: Numeric, b: Numeric): Expression<boolean> {
  return call(isNumber(a) || isNumber(b) ? 'lessNumbers' : 'lessIntegers', a, b);
}
/** Prints `le A B`. */
export function atMost(a: Numeric, b: Numeric): Expression<boolean> {
  return call(isNumber(a) || isNumber(b) ? 'atMostNumbers' : 'atMostIntegers', a, b);
}
/** `contains "part" text` */
export function contains(text: Or<string>, part: Or<string>): Expression<boolean> {
  return call('contains', part, text);
}
export function hasPrefix(text: Or<string>, prefix: Or<string>): Expression<boolean> {
  return call('hasPrefix', prefix, text);
}
export function hasSuffix(text: Or<string>, suffix: Or<string>): Expression<boolean> {
  return call('hasSuffix', suffix, text);
}
/** The pattern must mean the same to RE2 and to JavaScript: no look-around, no back-reference, no `\s` or `\w`. */
export function matches(text: Or<string>, pattern: string): Expression<boolean> {
  return call('regexMatch', portable(pattern), text);
}
/** `has "item" list` */
export function has(list: Expression<readonly string[]>, item: Or<string>): Expression<boolean> {
  return call('has', item, list);
}
/** `hasKey map "key"` */
export function hasKey(map: Expression<object>, key: string): Expression<boolean> {
  return call('hasKey', key, map);
}
/** `semverCompare ">=1.27-0" .Capabilities.KubeVersion.Version` */
export function kubeAtLeast(version: `${number}.${number}`): Expression<boolean> {
  return call('kubeAtLeast', version, capabilities.kubeVersion);
}

// Text

/** `printf "%s:%d" a (int64 b)` */
export function concat(...parts: readonly Or<string | number>[]): Expression<string> {
  const args = parts.map(nodeOf);
  args.forEach((arg) => checkPrintable('concat', arg.kind));
  return wrap({ op: 'call', fn: 'concat', kind: 'string', args });
}
/** `text | default "fallback"` */
export function orDefault(text: Expression<string>, fallback: Or<string>): Expression<string> {
  return call('orDefault', fallback, text);
}
/** `text | trunc 63`, counted in bytes. */
export function trunc(text: Expression<string>, maxBytes: number): Expression<string> {
  if (!Number.isInteger(maxBytes) || maxBytes < 0) throw new TypeError('trunc takes a number of bytes');
  return call('trunc', maxBytes, text);
}
export function trimPrefix(text: Expression<string>, prefix: string): Expression<string> {
  return call('trimPrefix', prefix, text);
}
export function trimSuffix(text: Expression<string>, suffix: string): Expression<string> {
  return call('trimSuffix', suffix, text);
}
/** Replaces every occurrence of a text that is not empty. */
export function replace(text: Expression<string>, from: string, to: string): Expression<string> {
  if (from === '') throw new TypeError('replace needs something to look for');
  return call('replace', from, to, text);
}
/** The first match or "". */
export function regexFind(text: Expression<string>, pattern: string): Expression<string> {
  return call('regexFind', portable(pattern), text);
}
/** Groups are written `${1}`. The pattern must not match the empty text, where Go and JavaScript go on differently. */
export function regexReplace(text: Expression<string>, pattern: string, replacement: string): Expression<string> {
  if (new RegExp(portable(pattern), 'u').test('')) throw new TypeError(`${pattern} matches the empty text`);
  if (/\$(?!\{[0-9]\})/.test(replacement)) throw new TypeError('in a replacement `$` only starts a group such as ${1}');
  return call('regexReplace', pattern, text, replacement);
}
/** `value | toJson` */
export function json(value: Expression<unknown>): Expression<string> {
  return call('json', value);
}
/** `value | toString`, for unions such as integer-or-percentage with integers below 10^6. */
export function scalarText(value: Expression<Scalar>): Expression<string> {
  return call('scalarText', value);
}
export function base64(text: Expression<string>): Expression<string> {
  return call('base64', text);
}
export function sha256(text: Expression<string>): Expression<string> {
  return call('sha256', text);
}
/** `list | join ", "` */
export function join(list: Expression<readonly string[]>, separator: string): Expression<string> {
  return call('join', separator, list);
}

// Numbers

/** The number that a text of digits stands for. */
export function integerOf(text: Expression<string>): Expression<number> {
  return call('integerOf', text);
}
export function add(...numbers: readonly Numeric[]): Expression<number> {
  return call('add', ...numbers);
}
export function mul(...numbers: readonly Numeric[]): Expression<number> {
  return call('mul', ...numbers);
}
/** Integer division. */
export function div(a: Numeric, divisor: number): Expression<number> {
  if (!Number.isInteger(divisor) || divisor < 1) throw new TypeError('div takes a positive integer to divide by');
  return call('div', a, divisor);
}

// Lists of text

/** `list a b` */
export function listOf(...items: readonly Or<string>[]): Expression<readonly string[]> {
  return wrap(nodeOf(items));
}
/** `list | default fallback` */
export function orDefaultList(
  list: Expression<readonly string[]>,
  fallback: Expression<readonly string[]>,
): Expression<readonly string[]> {
  return call('orDefaultList', fallback, list);
}
/** `concat a b | uniq`: each item once, in the order of first appearance. */
export function union(...lists: readonly Expression<readonly string[]>[]): Expression<readonly string[]> {
  return call('uniq', lists.length === 1 ? lists[0] : call('concatLists', ...lists));
}

// One of two, named parts

/** `ternary a b condition`; in a helper's body `{{- if condition }}…{{- else }}…{{- end }}`. */
export function choose<T extends Scalar>(condition: Expression<boolean>, then: Or<T>, otherwise: Or<T>): Expression<T> {
  const thenNode = nodeOf(then);
  const otherNode = nodeOf(otherwise);
  const { kind } = thenNode;
  if (kind !== otherNode.kind)
    throw new TypeError(`choose takes two values of one kind, not ${kind} and ${otherNode.kind}`);
  return wrap({ op: 'choose', kind, condition: condition[node], then: thenNode, otherwise: otherNode });
}
/** A `define` in the chart's helpers, used as `include "name" .`; a condition's prints `true` or nothing. */
export function named<T>(name: string, body: Expression<T>): Expression<T> {
  const { kind } = body[node];
  // A helper gives text, and of these nobody could tell what the text stands for.
  if (kind === 'number' || kind === 'scalar') throw new TypeError(`a helper can't hold a value of kind ${kind}`);
  return wrap({ op: 'named', name, kind, body: body[node] });
}
/** A helper that holds a map or a list of templated data. */
export function namedPart<T>(name: string, body: NoInfer<Templated<T>>): Expression<T> {
  const bodyNode = nodeOf(body);
  return wrap({ op: 'named', name, kind: bodyNode.kind, body: bodyNode });
}

// What a template may read beside the values

function reference(root: Root, ...path: readonly string[]): Expression<string> {
  return wrap({ op: 'reference', root, path, kind: 'string', optional: false });
}
/** `.Release.Name`, `.Release.Namespace`, `.Release.Service` */
export const release: { readonly [K in 'name' | 'namespace' | 'service']: Expression<string> } = {
  name: reference('Release', 'Name'),
  namespace: reference('Release', 'Namespace'),
  service: reference('Release', 'Service'),
};
/** `.Chart.Version`, `.Chart.AppVersion`. The name is a literal: an alias in a parent chart would change it. */
export const chart: { readonly [K in 'version' | 'appVersion']: Expression<string> } = {
  version: reference('Chart', 'Version'),
  appVersion: reference('Chart', 'AppVersion'),
};
const capabilities = { kubeVersion: reference('Capabilities', 'KubeVersion', 'Version') };
