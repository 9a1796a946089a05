import { type Expression, type Kind, wrap } from '../expression/node.ts';
import type { Json } from '../expression/json.ts';
import { isOptional, isSection } from './defaults.ts';
import type { JsonSchema } from './json-schema.ts';

type Scalar = string | number | boolean;

/**
 * `values.backend.url` for `.Values.backend.url`: a tree of expressions in the shape of the values. Sections
 * have their keys; a map whose keys the user chooses, a list or a scalar is a leaf.
 */
export type References<T> = Expression<T> &
  ([T] extends [Scalar | readonly unknown[]]
    ? unknown
    : { readonly [K in keyof T as string extends K ? never : K]-?: References<T[K]> });

export function referencesOf<T>(schema: JsonSchema, path: readonly string[] = []): References<T> {
  const children = Object.entries(schema.properties ?? {}).map(([key, part]) => [
    key,
    referencesOf(part, [...path, key]),
  ]);
  const optional = path.length > 0 && isOptional(schema);
  const of = { op: 'reference', root: 'Values', path, kind: kindOf(schema), optional } as const;
  return wrap(of, isSection(schema) ? (Object.fromEntries(children) as Record<string, unknown>) : {});
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
