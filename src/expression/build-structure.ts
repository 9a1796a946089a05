/** Builders of what is there, and how often: conditions around parts, lists of the user's, merged maps. */
import { type Expression, type Kind, type OnlyWhen, type Splice, node, nodeOf, wrap } from './node.ts';

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
  itemKind: Kind = 'string',
): Splice<R> {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) throw new TypeError(`${variable} is no name for a variable`);
  const item = wrap<Expression<E>>({ op: 'item', kind: itemKind, variable, path: [] });
  return wrap({ op: 'forEach', kind: 'list', list: list[node], variable, body: nodeOf(body(item)) });
}
/** One map from several; a later part wins. A part is plain templated data or an expression. */
export function mergeMaps<V>(...parts: readonly unknown[]): Expression<{ readonly [key: string]: V }> {
  return wrap({ op: 'mergeMaps', kind: 'map', parts: parts.map(nodeOf) });
}
/** Our entries, less those whose key the user's list has, and then the user's. `helper` names our part. */
export function mergeByKey<E>(
  key: string,
  helper: string,
  ours: readonly unknown[],
  theirs: Expression<readonly E[]>,
): Expression<readonly E[]> {
  const oursNode = nodeOf(ours);
  return wrap({
    op: 'mergeByKey',
    kind: 'list',
    key,
    ours: { op: 'named', name: helper, kind: 'list', body: oursNode },
    theirs: theirs[node],
  });
}
/** The user's `{}` or `[]` is kept, not left out. */
export function keepEmpty<T>(value: Expression<T>): Expression<T> {
  return wrap({ op: 'keepEmpty', kind: value[node].kind, value: value[node] });
}
