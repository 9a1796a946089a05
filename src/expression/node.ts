import { isSafeText, isUnsafeKey } from './characters.ts';
import { isPlainObject } from './json.ts';

/** What Helm will find in a value; `scalar` is a union such as integer-or-percentage. */
export type Kind = 'string' | 'integer' | 'number' | 'boolean' | 'scalar' | 'list' | 'map';

/** The parts of Helm's template context that a chart may read: all that the evaluating back-end is given too. */
export type Root = 'Values' | 'Release' | 'Chart' | 'Capabilities';

/**
 * A manifest or a part of one: plain data whose leaves may be expressions over the values.
 * A closed union of immutable nodes that neither print nor evaluate themselves: each back-end
 * switches over `op`, so a new node does not compile until all of them handle it.
 */
export type Node =
  | LiteralNode
  | ReferenceNode
  | ItemNode
  | CallNode
  | ChooseNode
  | NamedNode
  | TextNode
  | MapNode
  | ListNode
  | WhenNode
  | SpliceNode
  | ForEachNode
  | MergeMapsNode
  | MergeByKeyNode
  | KeepEmptyNode;

/** A scalar that is known when the chart is generated. */
export interface LiteralNode {
  readonly op: 'literal';
  readonly kind: Kind;
  readonly value: string | number | boolean | null;
}

/** `.Values.relayer.replicas` */
interface ReferenceNode {
  readonly op: 'reference';
  readonly kind: Kind;
  readonly root: Root;
  readonly path: readonly string[];
  /** True where `null` may have taken the default away: a string whose default is "", a free map, a list. */
  readonly optional: boolean;
  /** Of a list: the kind of its elements. */
  readonly elements?: Kind;
}

/** The element that an enclosing forEach stands at, or a field of it: `$namespace`, `$peer.name`. */
interface ItemNode {
  readonly op: 'item';
  readonly kind: Kind;
  readonly variable: string;
  readonly path: readonly string[];
}

/** A row of the function table applied to operands. */
export interface CallNode {
  readonly op: 'call';
  readonly kind: Kind;
  readonly fn: string;
  readonly args: readonly Node[];
}

/** One of two values; both always exist. */
export interface ChooseNode {
  readonly op: 'choose';
  readonly kind: Kind;
  readonly condition: Node;
  readonly then: Node;
  readonly otherwise: Node;
}

/** A body that gets a `define` of its own and is used by `include`. */
export interface NamedNode {
  readonly op: 'named';
  readonly kind: Kind;
  readonly name: string;
  readonly body: Node;
}

/** A block of lines, each made of literal text and encoded expressions. */
export interface TextNode {
  readonly op: 'text';
  readonly kind: 'string';
  readonly lines: readonly TextLine[];
}
export type TextPart = string | { readonly node: Node; readonly as: 'json' | 'plain' };
export type TextLine =
  | { readonly parts: readonly TextPart[] }
  | { readonly condition: Node; readonly lines: readonly TextLine[]; readonly otherwise?: readonly TextLine[] };

/** An entry whose value comes to nothing (an absent or empty part) is left out, key and all. */
export interface MapNode {
  readonly op: 'map';
  readonly kind: 'map';
  readonly entries: readonly (readonly [key: string, value: Node])[];
}
export interface ListNode {
  readonly op: 'list';
  readonly kind: 'list';
  readonly items: readonly Node[];
}

/** A part that exists only under a condition, or one of two parts. */
export interface WhenNode {
  readonly op: 'when';
  readonly kind: Kind;
  readonly condition: Node;
  readonly then: Node;
  readonly otherwise: Node | undefined;
}

/** The elements of a list, put in among ours. */
interface SpliceNode {
  readonly op: 'splice';
  readonly kind: 'list';
  readonly list: Node;
}

/** One element (or one whole object) for each element of a list. */
interface ForEachNode {
  readonly op: 'forEach';
  readonly kind: 'list';
  readonly list: Node;
  readonly variable: string;
  readonly body: Node;
}

/** One map from several; of equal keys the last part's wins. */
export interface MergeMapsNode {
  readonly op: 'mergeMaps';
  readonly kind: 'map';
  readonly parts: readonly Node[];
}

/** Our entries, without those whose key the user's list has too, and then the user's, each key once. */
export interface MergeByKeyNode {
  readonly op: 'mergeByKey';
  readonly kind: 'list';
  readonly key: string;
  readonly ours: NamedNode;
  readonly theirs: Node;
}

/** A user's `{}` or `[]` that has a meaning of its own and is not left out. */
interface KeepEmptyNode {
  readonly op: 'keepEmpty';
  readonly kind: Kind;
  readonly value: Node;
}

/** The key under which a wrapper holds its node. */
export const node: unique symbol = Symbol('node');
declare const type: unique symbol;

interface Wrapper<Tag> {
  readonly [node]: Node;
  readonly [type]: Tag;
}
/** A value of type T that Helm will know at install time. */
export interface Expression<out T> extends Wrapper<T> {}
/** A T that exists only under a condition; fits where a T is optional. */
export interface OnlyWhen<out T> extends Wrapper<{ readonly onlyWhen: T }> {}
/** The elements of a list, among others. */
export interface Splice<out E> extends Wrapper<{ readonly splice: E }> {}
/** A block of text: the value of a string key. */
export interface Text extends Wrapper<{ readonly text: string }> {}

function refuse(what: string) {
  return (): never => {
    throw new TypeError(
      `an expression has no ${what} while the chart is generated; use the builders (concat, choose, onlyWhen)`,
    );
  };
}

/**
 * Wraps a node for the typed surface. The wrapper is frozen, and using it as text, number or JSON throws:
 * its value is not known yet.
 */
export function wrap<W extends Wrapper<unknown>>(of: Node, children: Readonly<Record<string, unknown>> = {}): W {
  const wrapper = Object.create(null) as object;
  for (const [key, value] of Object.entries(children)) Object.defineProperty(wrapper, key, { value, enumerable: true });
  Object.defineProperties(wrapper, {
    [node]: { value: Object.freeze(of) },
    [Symbol.toPrimitive]: { value: refuse('primitive value') },
    toJSON: { value: refuse('JSON') },
  });
  return Object.freeze(wrapper) as W;
}

export function isWrapped(value: unknown): value is { readonly [node]: Node } {
  return typeof value === 'object' && value !== null && node in value;
}

/** Plain templated data as a node: objects and arrays become map and list nodes, wrappers give their own. */
export function nodeOf(value: unknown): Node {
  if (isWrapped(value)) return value[node];
  if (Array.isArray(value)) return { op: 'list', kind: 'list', items: value.map(nodeOf) };
  if (isPlainObject(value)) {
    const present = Object.entries(value).filter(([, part]) => part !== undefined);
    return { op: 'map', kind: 'map', entries: present.map(([key, part]) => [checkKey(key), nodeOf(part)] as const) };
  }
  if (typeof value === 'string' && isSafeText(value)) return { op: 'literal', kind: 'string', value };
  if (typeof value === 'boolean') return { op: 'literal', kind: 'boolean', value };
  if (typeof value === 'number' && Number.isFinite(value)) {
    // `+ 0`: YAML's writers and readers lose the sign of -0.
    return { op: 'literal', kind: Number.isInteger(value) ? 'integer' : 'number', value: value + 0 };
  }
  if (value === null) return { op: 'literal', kind: 'scalar', value };
  throw new TypeError(`a manifest holds plain data and expressions, not ${describe(value)}`);
}

function checkKey(key: string): string {
  if (isUnsafeKey(key) || !isSafeText(key)) throw new TypeError(`a manifest can't hold the key ${JSON.stringify(key)}`);
  return key;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return 'text with a control character or half a character';
  if (typeof value === 'number') return String(value);
  return typeof value === 'object' && value !== null ? value.constructor.name : typeof value;
}
