import { compareBytes } from '../expression/go.ts';
import type { Json, JsonMap } from '../expression/json.ts';
import type { Kind } from '../expression/node.ts';
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
  if (schema.type === 'array' || schema.type === 'object')
    return schema.default !== undefined && (schema.minItems ?? 0) === 0;
  return schema.type === 'string' && schema.default === '' && schema.enum === undefined;
}

/** A declared key, what its value must be, and whether it must be there. */
export interface DeclaredKey {
  readonly path: string;
  readonly kind: Kind;
  /** `required`: the user must give it. `defaulted`: it has a default. `optional`: null stands for an empty one. */
  readonly presence: 'required' | 'defaulted' | 'optional';
}

/**
 * Every declared key, in the order of Helm's `range` over a map. `null` may have taken one away, `--reuse-values`
 * may lack one that is newer than the installed chart, and `--skip-schema-validation` asks for none.
 */
export function declaredKeys(schema: JsonSchema): readonly DeclaredKey[] {
  return [...keysBelow(schema, '')].sort((a, b) => compareBytes(a.path, b.path));
}

function keysBelow(schema: JsonSchema, prefix: string): readonly DeclaredKey[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, part]): readonly DeclaredKey[] => {
    const path = `${prefix}${key}`;
    if (isSection(part)) return [{ path, kind: 'map', presence: 'defaulted' }, ...keysBelow(part, `${path}.`)];
    const presence = part.default === undefined ? 'required' : isOptional(part) ? 'optional' : 'defaulted';
    return [{ path, kind: kindOf(part), presence }];
  });
}

const kinds: Readonly<Record<string, Kind>> = {
  array: 'list',
  object: 'map',
  string: 'string',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
};

/** The kind of value that a schema accepts; `scalar` for a union. */
export function kindOf(schema: JsonSchema): Kind {
  if (schema.type !== undefined) return kinds[schema.type] ?? 'scalar';
  const values: readonly Json[] = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  return values.length > 0 && values.every((value) => typeof value === 'string') ? 'string' : 'scalar';
}
