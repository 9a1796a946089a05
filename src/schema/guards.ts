import type { JsonSchema } from './json-schema.ts';
import { isSection } from './defaults.ts';

/** A declared key whose text, or whose list of texts, the chart's guards check in place of the JSON schema. */
export interface GuardedKey {
  readonly path: string;
  readonly isList: boolean;
  readonly pattern: string;
  readonly maxLength: number | undefined;
  /** "must be …" */
  readonly message: string;
}

/** Every guarded key, in the order of the schema. */
export function guardedKeys(schema: JsonSchema, prefix = ''): readonly GuardedKey[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, part]): readonly GuardedKey[] => {
    const path = `${prefix}${key}`;
    if (isSection(part)) return guardedKeys(part, `${path}.`);
    const { pattern, maxLength, 'x-guard': message } = part.items ?? part;
    if (message === undefined || pattern === undefined) return [];
    return [{ path, isList: part.items !== undefined, pattern, maxLength, message }];
  });
}

/** The schema as Helm gets it: guarded texts may be anything there. */
export function withoutGuards(schema: JsonSchema): JsonSchema {
  const { 'x-guard': guard, ...rest } = schema;
  const { pattern, maxLength, ...loose } = rest;
  const kept = guard === undefined ? { ...loose, ...pick({ pattern, maxLength }) } : loose;
  const { properties, items } = kept;
  return {
    ...kept,
    ...(items === undefined ? {} : { items: withoutGuards(items) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(Object.entries(properties).map(([key, part]) => [key, withoutGuards(part)])),
        }),
  };
}

function pick(limits: { readonly pattern: string | undefined; readonly maxLength: number | undefined }): JsonSchema {
  return {
    ...(limits.pattern === undefined ? {} : { pattern: limits.pattern }),
    ...(limits.maxLength === undefined ? {} : { maxLength: limits.maxLength }),
  };
}
