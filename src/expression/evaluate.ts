import { functionRow } from './functions.ts';
import { goJson } from './go.ts';
import { type Json, type JsonMap, isEmptyCollection, isJsonMap, lookUp } from './json.ts';
import type { CallNode, Kind, MergeByKeyNode, Node, TextLine, TextNode } from './node.ts';

/** What Helm's templates would see. */
export interface Scope {
  readonly Values: JsonMap;
  readonly Release: { readonly Name: string; readonly Namespace: string; readonly Service: string };
  readonly Chart: { readonly Version: string; readonly AppVersion: string };
  readonly Capabilities: { readonly KubeVersion: { readonly Version: string } };
  /** The elements that the enclosing forEach nodes stand at. */
  readonly items?: ReadonlyMap<string, Json>;
}

/** The value of a node used as an operand: always something, an empty collection included. */
export function evaluateValue(of: Node, scope: Scope): Json {
  switch (of.op) {
    case 'literal':
      return of.value;
    case 'reference':
      return lookUp(scope[of.root], of.path) ?? emptyOf(of.kind);
    case 'item':
      return lookUp(scope.items?.get(of.variable), of.path) ?? emptyOf(of.kind);
    case 'call':
      return evaluateCall(of, scope);
    case 'choose':
      return evaluateValue(isTrue(of.condition, scope) ? of.then : of.otherwise, scope);
    case 'named':
      return evaluateValue(of.body, scope);
    case 'text':
      return evaluateText(of, scope);
    case 'keepEmpty':
      return evaluateValue(of.value, scope);
    case 'map':
    case 'list':
    case 'when':
    case 'mergeMaps':
    case 'mergeByKey':
    case 'splice':
    case 'forEach':
      return evaluatePart(of, scope) ?? emptyOf(of.kind);
  }
}

/** The value of a node as a part of a manifest, or undefined when nothing is left of it. */
function evaluatePart(of: Node, scope: Scope): Json | undefined {
  switch (of.op) {
    case 'map':
      return of.entries.length === 0 ? {} : unlessEmpty(evaluateEntries(of.entries, scope));
    case 'list':
      return of.items.length === 0 ? [] : unlessEmpty(of.items.flatMap((item) => evaluateItems(item, scope)));
    case 'when': {
      const chosen = isTrue(of.condition, scope) ? of.then : of.otherwise;
      return chosen === undefined ? undefined : evaluatePart(chosen, scope);
    }
    case 'named':
      return evaluatePart(of.body, scope);
    case 'mergeMaps':
      return unlessEmpty(mergeMaps(of.parts.map((part) => evaluateValue(part, scope))));
    case 'mergeByKey':
      return unlessEmpty(mergeByKey(of, scope));
    case 'text':
      return `${evaluateText(of, scope)}\n`;
    case 'keepEmpty':
      return evaluateValue(of.value, scope);
    case 'splice':
    case 'forEach':
      return unlessEmpty(evaluateItems(of, scope));
    case 'literal':
    case 'reference':
    case 'item':
    case 'call':
    case 'choose':
      return unlessEmpty(evaluateValue(of, scope));
  }
}

/** The elements that a node puts into a list, or the objects that it puts into a file: none, one or several. */
export function evaluateItems(of: Node, scope: Scope): readonly Json[] {
  if (of.op === 'splice') return evaluateValue(of.list, scope) as readonly Json[];
  if (of.op === 'forEach') {
    const elements = evaluateValue(of.list, scope) as readonly Json[];
    return elements.flatMap((element) => {
      const items = new Map([...(scope.items ?? []), [of.variable, element]]);
      return evaluateItems(of.body, { ...scope, items });
    });
  }
  if (of.op === 'when') {
    const chosen = isTrue(of.condition, scope) ? of.then : of.otherwise;
    return chosen === undefined ? [] : evaluateItems(chosen, scope);
  }
  const value = evaluatePart(of, scope);
  return value === undefined ? [] : [value];
}

/** True when a condition holds. */
export function isTrue(condition: Node, scope: Scope): boolean {
  return evaluateValue(condition, scope) === true;
}

/** A text's lines, joined, without a line break at the end. */
export function evaluateText(of: TextNode, scope: Scope): string {
  return of.lines.flatMap((line) => evaluateLine(line, scope)).join('\n');
}

function evaluateLine(line: TextLine, scope: Scope): readonly string[] {
  if ('condition' in line) {
    const chosen = isTrue(line.condition, scope) ? line.lines : (line.otherwise ?? []);
    return chosen.flatMap((inner) => evaluateLine(inner, scope));
  }
  const parts = line.parts.map((part) => {
    if (typeof part === 'string') return part;
    const value = evaluateValue(part.node, scope);
    return part.as === 'plain' && typeof value === 'string' ? value : goJson(withoutZeroSign(value, part.node));
  });
  return [parts.join('')];
}

function evaluateCall(of: CallNode, scope: Scope): Json {
  const operands = of.args.map((operand) => evaluateValue(operand, scope));
  if (of.fn === 'concat') {
    const texts = operands.map((value, i) =>
      typeof value === 'number' ? goJson(withoutZeroSign(value, of.args[i])) : String(value),
    );
    return texts.join('');
  }
  return functionRow(of.fn).evaluate(...(operands as never[]));
}

/** An integer of Go's is never -0. */
function withoutZeroSign(value: Json, of: Node | undefined): Json {
  return typeof value === 'number' && of?.kind === 'integer' ? value + 0 : value;
}

function evaluateEntries(entries: readonly (readonly [string, Node])[], scope: Scope): JsonMap {
  const values = entries.map(([key, part]) => [key, evaluatePart(part, scope)] as const);
  // Object.fromEntries defines own keys, `__proto__` included.
  return Object.fromEntries(values.filter((entry): entry is readonly [string, Json] => entry[1] !== undefined));
}

function mergeMaps(parts: readonly Json[]): JsonMap {
  return Object.fromEntries(new Map(parts.filter(isJsonMap).flatMap((part) => Object.entries(part))));
}

function mergeByKey(of: MergeByKeyNode, scope: Scope): readonly Json[] {
  const keyOf = (entry: Json): Json | undefined => lookUp(entry, [of.key]);
  const ours = evaluateValue(of.ours, scope) as readonly Json[];
  const theirs = evaluateValue(of.theirs, scope) as readonly Json[];
  // Of equal keys the first place counts and the last value.
  const unique = new Map(theirs.map((entry) => [keyOf(entry), entry]));
  return [...ours.filter((entry) => !unique.has(keyOf(entry))), ...unique.values()];
}

function unlessEmpty(value: Json): Json | undefined {
  return isEmptyCollection(value) ? undefined : value;
}

function emptyOf(kind: Kind): Json {
  if (kind === 'list') return [];
  if (kind === 'map') return {};
  return kind === 'string' ? '' : null;
}
