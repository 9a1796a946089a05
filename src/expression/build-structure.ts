/** Builders of what is there, and how often: conditions around parts, lists of the user's, merged maps. */
import { type Expression, type OnlyWhen, type Splice, node, nodeOf, wrap } from './node.ts';
import type { TemplatedList, TemplatedMap } from './templated.ts';

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
