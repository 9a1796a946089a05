import { z } from 'zod';
import { ChartError, type Problem } from '../errors.ts';
import type { JsonSchema } from './draft-07.ts';
import { jsonProblems, keyProblems, zodProblems } from './portable.ts';

export type { JsonSchema } from './draft-07.ts';

type Mutable = { -readonly [K in keyof JsonSchema]: JsonSchema[K] };

/**
 * The draft-07 schema that Helm checks. Only what zod and Helm's engines understand alike gets through:
 * anything else is a ChartError `schema-not-portable` that lists every place.
 */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const problems: Problem[] = [];
  const raw = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, path }) => {
      problems.push(...zodProblems(zodSchema).map((message) => ({ path: valuesPath(path), message })));
    },
  }) as Mutable;
  const tidied = tidy(raw, '', problems);
  if (problems.length > 0) {
    const unique = new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem]));
    throw new ChartError('schema-not-portable', 'Helm would not read the values schema as zod does', [
      ...unique.values(),
    ]);
  }
  return tidied;
}

/** `properties`, `a`, `anyOf`, 0 is `a.(0)`. */
function valuesPath(path: readonly (string | number)[]): string {
  const names: string[] = [];
  for (let i = 0; i < path.length; i += 1) {
    const step = path[i];
    if (step === 'properties') names.push(String(path[(i += 1)]));
    else if (step === 'anyOf' || step === 'oneOf' || step === 'allOf') names.push(`(${path[(i += 1)]})`);
    else names.push(stepNames[String(step)] ?? String(step));
  }
  return names.join('.');
}

const stepNames: Readonly<Record<string, string>> = { items: '[]', propertyNames: '(key)', additionalProperties: '*' };

/** JavaScript's `source` escapes these; RE2 knows no `\u`. */
function portablePattern(pattern: string): string {
  return pattern.replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function tidy(schema: Mutable, path: string, problems: Problem[]): JsonSchema {
  const result: Mutable = { ...schema };
  if (result.pattern !== undefined) result.pattern = portablePattern(result.pattern);
  problems.push(...jsonProblems(result).map((message) => ({ path, message })));
  // A section's default is the sum of its keys' defaults, and says nothing more.
  if (result.properties !== undefined) delete result.default;
  if (result.propertyNames !== undefined && result.propertyNames.pattern === undefined) delete result.propertyNames;
  const inner = (part: JsonSchema, key: string): JsonSchema =>
    tidy(part, path === '' ? key : `${path}.${key}`, problems);
  if (result.properties !== undefined) {
    const entries = Object.entries(result.properties).map(([key, part]) => [key, inner(part, key)] as const);
    result.properties = Object.fromEntries(entries);
  }
  if (result.items !== undefined) result.items = inner(result.items, '[]');
  if (result.propertyNames !== undefined) result.propertyNames = inner(result.propertyNames, '(key)');
  if (typeof result.additionalProperties === 'object') {
    const isAnything = Object.keys(result.additionalProperties).length === 0;
    result.additionalProperties = isAnything ? true : inner(result.additionalProperties, '*');
  }
  if (result.anyOf !== undefined) result.anyOf = result.anyOf.map((part, i) => inner(part, `(${i})`));
  problems.push(...declaredProblems(result, path));
  return result;
}

/** Keys that Helm merges with defaults: those of sections, not those inside of lists and free maps. */
function declaredProblems(schema: JsonSchema, path: string): readonly Problem[] {
  if (/\[\]|\*|\(/.test(path)) {
    const message = 'inside of a list, a free map or a union no default is put in';
    return schema.default === undefined ? [] : [{ path, message }];
  }
  return Object.entries(schema.properties ?? {}).flatMap(([key, part]) => {
    const isRequired = schema.required?.includes(key) === true;
    const messages = keyProblems(key, part, isRequired);
    return messages.map((message) => ({ path: path === '' ? key : `${path}.${key}`, message }));
  });
}
