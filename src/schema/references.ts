import { type Expression, wrap } from '../expression/node.ts';
import { isOptional, isSection, kindOf } from './defaults.ts';
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
  const elements = schema.items === undefined ? {} : { elements: kindOf(schema.items) };
  const of = { op: 'reference', root: 'Values', path, kind: kindOf(schema), optional, ...elements } as const;
  return wrap(of, isSection(schema) ? (Object.fromEntries(children) as Record<string, unknown>) : {});
}
