import type { Json, JsonMap } from '../../src/expression/json.ts';
import { isSection } from '../../src/schema/defaults.ts';
import type { JsonSchema } from '../../src/schema/json-schema.ts';

/** A key of the values that has no keys of its own in the schema. */
export interface Leaf {
  readonly path: readonly string[];
  readonly schema: JsonSchema;
}

export function leavesOf(schema: JsonSchema, path: readonly string[] = []): readonly Leaf[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, part]) => {
    const here = [...path, key];
    return isSection(part) ? leavesOf(part, here) : [{ path: here, schema: part }];
  });
}

/** Texts of every form that a pattern may ask for. */
const texts = [
  'changed',
  'other/changed',
  '/changed',
  '7m',
  '5s',
  '7Gi',
  '10.7.0.0/16',
  '10.7.0.7',
  'https://changed.example.com:7443',
  `sha256:${'7'.repeat(64)}`,
  '77%',
  'v1',
  'external-secrets.io/v1beta1',
  'example.com/changed',
  'test',
];

/** Some values that the schema accepts. */
export function valuesFor(schema: JsonSchema): readonly Json[] {
  if (schema.const !== undefined) return [schema.const];
  if (schema.enum !== undefined) return schema.enum;
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap(valuesFor);
  switch (schema.type) {
    case 'boolean':
      return [true, false];
    case 'integer':
    case 'number':
      return numbersFor(schema);
    case 'string':
      return textsFor(schema);
    case 'array':
      return valuesFor(schema.items ?? {})
        .slice(0, 2)
        .map((item) => [item]);
    case 'object':
      return [mapFor(schema)];
    default:
      return ['changed'];
  }
}

function numbersFor({ default: fallback, minimum = 0, maximum = 100 }: JsonSchema): readonly number[] {
  const near = typeof fallback === 'number' ? [fallback + 1, fallback - 1, fallback / 2] : [];
  const whole = [...near, minimum, minimum + 1, maximum].filter(Number.isInteger);
  return whole.filter((value) => value >= minimum && value <= maximum);
}

function textsFor({ pattern, maxLength = 1000 }: JsonSchema): readonly string[] {
  const form = new RegExp(pattern ?? '');
  return texts.filter((text) => form.test(text) && text.length <= maxLength);
}

/** A map with every key that the schema knows, or with one of the user's. */
function mapFor(schema: JsonSchema): JsonMap {
  const known = Object.entries(schema.properties ?? {}).map(
    ([key, part]) => [key, valuesFor(part)[0] ?? null] as const,
  );
  if (known.length > 0) return Object.fromEntries(known);
  const inner = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
  const key = textsFor(schema.propertyNames ?? {})[0] ?? 'changed';
  return { [key]: valuesFor(inner)[0] ?? 'changed' };
}
