import { z } from 'zod';
import { ChartError, type Problem } from '../errors.ts';
import type { Json } from '../expression/json.ts';

/** The part of draft-07 that a values schema uses. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}
type Mutable = { -readonly [K in keyof JsonSchema]: JsonSchema[K] };

/**
 * The draft-07 schema that Helm checks. Only what zod and Helm's engines understand alike gets through:
 * anything else is a ChartError `schema-not-portable` that lists every place.
 */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const problems: Problem[] = [];
  const raw = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }) as Mutable;
  const tidied = tidy(raw, '', problems);
  if (problems.length > 0) {
    throw new ChartError('schema-not-portable', 'Helm would not read the values schema as zod does', problems);
  }
  return tidied;
}

/** JavaScript's `source` escapes these; RE2 knows no `\u`. */
function portablePattern(pattern: string): string {
  return pattern.replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function tidy(schema: Mutable, path: string, problems: Problem[]): JsonSchema {
  const result: Mutable = { ...schema };
  if (result.pattern !== undefined) result.pattern = portablePattern(result.pattern);
  // A section's default is the sum of its keys' defaults, and says nothing more.
  if (result.properties !== undefined) delete result.default;
  if (result.propertyNames !== undefined && result.propertyNames.pattern === undefined) delete result.propertyNames;
  problems.push(...unportable(result).map((message) => ({ path, message })));
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
  return result;
}

const limit = Number.MAX_SAFE_INTEGER;

function unportable(schema: JsonSchema): readonly string[] {
  const problems: string[] = [];
  const { pattern, type } = schema;
  if (type === 'integer' && (Math.abs(schema.minimum ?? -limit) >= limit || (schema.maximum ?? limit) >= limit)) {
    problems.push('an integer needs a least and a greatest value below 2^53');
  }
  if (pattern !== undefined && /\(\?[=!<]|\\[1-9ksSuwWdDbB]/.test(pattern)) {
    problems.push(`RE2 has no look-around or back-reference, and its classes differ: ${pattern}`);
  }
  if ((schema.minLength ?? schema.maxLength) !== undefined && pattern === undefined) {
    problems.push('lengths are counted differently; use a pattern');
  }
  if ('format' in schema) problems.push('formats are read differently; use a pattern');
  if ('allOf' in schema || 'oneOf' in schema || 'not' in schema || '$ref' in schema) {
    problems.push('only properties, items, anyOf, enum, const and patterns are understood here');
  }
  return problems;
}
