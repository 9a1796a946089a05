import type { Json } from '../helm/json.ts';

/** What the generators of values read of a draft-07 schema. The generator's own schema type is assignable to it. */
export interface JsonSchema {
  readonly type?: string | undefined;
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: boolean | JsonSchema | undefined;
  readonly propertyNames?: JsonSchema | undefined;
  readonly items?: JsonSchema | undefined;
  readonly anyOf?: readonly JsonSchema[] | undefined;
  readonly enum?: readonly Json[] | undefined;
  readonly const?: Json | undefined;
  readonly default?: Json | undefined;
  readonly pattern?: string | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
}

const understood: ReadonlySet<string> = new Set(
  [
    ['type', 'properties', 'required', 'additionalProperties', 'propertyNames', 'items', 'anyOf', 'enum', 'const'],
    ['default', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems'],
    ['$schema', '$id', '$comment', 'title', 'description', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  ].flat(),
);

/** Throws on a keyword that the generators don't know: a value that ignores it might be refused. */
export function refuseUnknownKeywords(schema: JsonSchema): void {
  const unknown = Object.keys(schema).filter((keyword) => !understood.has(keyword) && !keyword.startsWith('x-'));
  if (unknown.length > 0)
    throw new Error(`no values can be generated for the JSON schema keyword ${unknown.join(', ')}`);
}

/** A map whose keys the user chooses. */
export function isFreeMap(schema: JsonSchema): boolean {
  return schema.type === 'object' && schema.properties === undefined;
}

/** Schema of the values of a map's further keys; undefined when there may be none. */
export function furtherValues(schema: JsonSchema): JsonSchema | undefined {
  if (schema.additionalProperties === true) return {};
  if (typeof schema.additionalProperties === 'object') return schema.additionalProperties;
  return isFreeMap(schema) && schema.additionalProperties !== false ? {} : undefined;
}

/** True for a schema that takes any value. */
export function takesAnything(schema: JsonSchema): boolean {
  return (
    schema.type === undefined && schema.anyOf === undefined && schema.enum === undefined && schema.const === undefined
  );
}

/** A key that the user must give: no default stands at it or below it. */
export function mustBeGiven(parent: JsonSchema, key: string): boolean {
  const schema = parent.properties?.[key];
  if (schema === undefined || !(parent.required ?? []).includes(key) || schema.default !== undefined) return false;
  return schema.properties === undefined || Object.keys(schema.properties).some((inner) => mustBeGiven(schema, inner));
}
