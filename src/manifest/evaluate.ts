import { type Scope, evaluateItems } from '../expression/evaluate.ts';
import { type Json, type JsonMap, isJsonMap } from '../expression/json.ts';
import type { Node } from '../expression/node.ts';

/** The objects that a resource file stands for: none, one, or one per element of a list. */
export function evaluateDocument(of: Node, scope: Scope): readonly JsonMap[] {
  const items = of.op === 'list' ? of.items.flatMap((item) => evaluateItems(item, scope)) : evaluateItems(of, scope);
  return items.map((item) => asObject(withoutNegativeZero(item)));
}

function asObject(item: Json): JsonMap {
  if (!isJsonMap(item)) throw new TypeError('a resource file holds objects, and nothing else');
  return item;
}

/** Helm's YAML has no -0. */
function withoutNegativeZero(value: Json): Json {
  if (typeof value === 'number') return value + 0;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (!isJsonMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutNegativeZero(part)]));
}
