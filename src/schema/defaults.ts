import type { Json, JsonMap } from '../expression/json.ts';
import type { JsonSchema } from './json-schema.ts';

/** What Helm merges a user's values over: the chart's values.yaml as data. */
export function defaultsOf(schema: JsonSchema): JsonMap {
  const entries = Object.entries(schema.properties ?? {}).flatMap(([key, part]): [string, Json][] => {
    const value = isSection(part) ? defaultsOf(part) : part.default;
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries(entries);
}

/** A map with keys of its own, as opposed to one whose keys the user chooses. */
export function isSection(schema: JsonSchema): boolean {
  return schema.type === 'object' && schema.properties !== undefined;
}

/** True where a user's `null` means empty: a free map, a list, a string whose default is "". */
export function isOptional(schema: JsonSchema): boolean {
  if (isSection(schema)) return false;
  if (schema.type === 'array' || schema.type === 'object') return schema.default !== undefined;
  return schema.type === 'string' && schema.default === '' && schema.enum === undefined;
}

/**
 * The keys that have a default and must not be taken away by `null` or be missing from an older chart's
 * reused values: parents before children.
 */
export function indispensablePaths(schema: JsonSchema, path: readonly string[] = []): readonly (readonly string[])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, part]) => {
    const here = [...path, key];
    if (isSection(part)) return [here, ...indispensablePaths(part, here)];
    return part.default === undefined || isOptional(part) ? [] : [here];
  });
}
