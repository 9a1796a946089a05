import { functionRow, parameterKind, type FunctionName } from './functions.ts';
import { junction, negate } from './negate.ts';
import {
  type Expression,
  type Kind,
  type Node,
  type Root,
  type OnlyWhen,
  type Splice,
  type Text,
  type TextLine,
  type TextPart,
  node,
  nodeOf,
  wrap,
} from './node.ts';
import { patternProblem } from './pattern.ts';
import type { Templated, TemplatedList, TemplatedMap } from './templated.ts';

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

function checkText(what: string, kind: Kind): void {
  if (kind !== 'string' && kind !== 'integer' && kind !== 'number') {
    throw new TypeError(`${what} takes text and numbers, not ${kind}; see scalarText and json`);
  }
}

/** `printf "%s:%d" a (int64 b)` */
export function concat(...parts: readonly Or<string | number>[]): Expression<string> {
  const args = parts.map(nodeOf);
  args.forEach((arg) => checkText('concat', arg.kind));
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
  return wrap({ op: 'named', name, kind: body[node].kind, body: body[node] });
}
/** A helper that holds a map or a list of templated data. */
export function namedPart<T>(name: string, body: NoInfer<Templated<T>>): Expression<T> {
  const bodyNode = nodeOf(body);
  return wrap({ op: 'named', name, kind: bodyNode.kind, body: bodyNode });
}

// Structure

/** A part that is there under a condition. */
export function onlyWhen<T>(condition: Expression<boolean>, then: NoInfer<T>): OnlyWhen<T> {
  const thenNode = nodeOf(then);
  return wrap({ op: 'when', kind: thenNode.kind, condition: condition[node], then: thenNode, otherwise: undefined });
}
/** Two parts of which one is there. */
export function either<T>(condition: Expression<boolean>, then: NoInfer<T>, otherwise: NoInfer<T>): T {
  const thenNode = nodeOf(then);
  return wrap({
    op: 'when',
    kind: thenNode.kind,
    condition: condition[node],
    then: thenNode,
    otherwise: nodeOf(otherwise),
  }) as T;
}
/** The elements of a list among ours. */
export function splice<E>(list: Expression<readonly E[]>): Splice<E> {
  return wrap({ op: 'splice', kind: 'list', list: list[node] });
}
/** One element, or one whole object, for each element of a list: `{{- range $variable := list }}`. */
export function forEach<E, R>(
  list: Expression<readonly E[]>,
  variable: string,
  body: (item: Expression<E>) => NoInfer<R>,
): Splice<R> {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) throw new TypeError(`${variable} is no name for a variable`);
  const { [node]: of } = list;
  // Lists that are not the user's are made of text: see listOf.
  const kind = of.op === 'reference' ? (of.elements ?? 'scalar') : 'string';
  const item = wrap<Expression<E>>({ op: 'item', kind, variable, path: [] });
  return wrap({ op: 'forEach', kind: 'list', list: list[node], variable, body: nodeOf(body(item)) });
}
/** One map from several; a later part wins. A part is plain templated data or an expression. */
export function mergeMaps<V>(
  ...parts: readonly (TemplatedMap<V> | Expression<{ readonly [key: string]: V }>)[]
): Expression<{ readonly [key: string]: V }> {
  return wrap({ op: 'mergeMaps', kind: 'map', parts: parts.map(nodeOf) });
}
/** What is merged into a user's list. */
export interface MergeOptions<E> {
  /** The key that tells entries apart, such as `name`. */
  readonly by: Extract<keyof E, string>;
  /** Name of the helper that holds our entries. */
  readonly helper: string;
  readonly ours: TemplatedList<E>;
}
/** Our entries, less those whose key the user's list has, and then the user's. */
export function mergeByKey<E>(
  theirs: Expression<readonly E[]>,
  options: NoInfer<MergeOptions<E>>,
): Expression<readonly E[]> {
  const { by, helper, ours } = options;
  return wrap({
    op: 'mergeByKey',
    kind: 'list',
    key: by,
    ours: { op: 'named', name: helper, kind: 'list', body: nodeOf(ours) },
    theirs: theirs[node],
  });
}
/** The user's `{}` or `[]` is kept, not left out. */
export function keepEmpty<T>(value: Expression<T>): Expression<T> {
  return wrap({ op: 'keepEmpty', kind: value[node].kind, value: value[node] });
}

// Blocks of text

/** Quoted and escaped where it stands: for YAML or JSON inside a text. */
export function asJson(value: Expression<unknown>): TextPart {
  return { node: value[node], as: 'json' };
}
/** As it is: for prose that a person reads. */
export function asPlain(value: Expression<string | number>): TextPart {
  checkText('asPlain', value[node].kind);
  return { node: value[node], as: 'plain' };
}
type Line = string | readonly TextPart[] | TextLine;
function lineOf(line: Line): TextLine {
  if (typeof line === 'string') return { parts: [line] };
  return isTextLine(line) ? line : { parts: line };
}
function isTextLine(line: readonly TextPart[] | TextLine): line is TextLine {
  return !Array.isArray(line);
}
/** A text of several lines: literal text, parts, or lines under a condition. */
export function text(...lines: readonly Line[]): Text {
  return wrap({ op: 'text', kind: 'string', lines: lines.map(lineOf) });
}
/** Lines that are there under a condition. */
export function linesWhen(condition: Expression<boolean>, ...lines: readonly Line[]): TextLine {
  return { condition: condition[node], lines: lines.map(lineOf) };
}
/** A text in a helper of its own. */
export function namedText(name: string, body: Text): Expression<string> {
  return wrap({ op: 'named', name, kind: 'string', body: body[node] });
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
