import { type Json, type JsonMap, isJsonMap } from '../expression/json.ts';

/**
 * Merges a user's values over the defaults as Helm does: maps key by key, anything else replaced whole. A
 * `null` takes a default away; where there is no default it stays.
 */
export function coalesce(defaults: JsonMap, user: JsonMap): JsonMap {
  const keys = new Set([...Object.keys(defaults), ...Object.keys(user)]);
  return Object.fromEntries([...keys].flatMap((key) => coalesceKey(own(defaults, key), own(user, key), key)));
}

function coalesceKey(fallback: Json | undefined, given: Json | undefined, key: string): [string, Json][] {
  if (given === undefined) return fallback === undefined ? [] : [[key, fallback]];
  if (fallback === undefined) return [[key, given]];
  if (given === null) return [];
  return [[key, isJsonMap(fallback) && isJsonMap(given) ? coalesce(fallback, given) : given]];
}

function own(map: JsonMap, key: string): Json | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
