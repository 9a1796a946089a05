import { z } from 'zod';
import type { Problem } from '../errors.ts';
import { isUnsafeKey, unsafeCharacters } from '../expression/characters.ts';
import { type Json, type JsonMap, isJsonMap, isPlainObject, lookUp } from '../expression/json.ts';
import { characterProblem, keyProblem } from './characters.ts';
import { coalesce } from './coalesce.ts';
import { defaultsOf, declaredKeys } from './defaults.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';

/** A zod schema of a chart's values, and what follows from it. */
export interface ValuesSchema {
  readonly zod: z.ZodObject;
  readonly json: JsonSchema;
  readonly defaults: JsonMap;
}

/**
 * Reads a chart's schema. `global`, which Helm adds to a subchart's values, and `enabled`, which a parent's
 * `condition` may be, are allowed where the schema does not declare them itself.
 */
export function valuesSchema(schema: z.ZodObject): ValuesSchema {
  const zod = withHelmKeys(schema);
  const json = jsonSchemaOf(zod);
  return { zod, json, defaults: defaultsOf(json) };
}

function withHelmKeys(schema: z.ZodObject): z.ZodObject {
  const global = z.looseObject({}).prefault({}).describe('Values that a parent chart shares with its subcharts');
  const enabled = z.boolean().default(true).describe('For the `condition` of a parent chart; no effect by itself');
  const added = Object.entries({ global, enabled }).filter(([key]) => !Object.hasOwn(schema.shape, key));
  return added.length === 0 ? schema : schema.extend(Object.fromEntries(added)).describe(schema.description ?? '');
}

export type ParsedValues =
  | { readonly values: JsonMap; readonly problems?: never }
  | { readonly problems: readonly Problem[]; readonly values?: never };

/**
 * Reads a user's values as Helm does: merged over the defaults, then checked. Gives the merged values, or every
 * problem at once. Defaults that `null` took away are not put back.
 */
export function parseValues(schema: ValuesSchema, user: unknown): ParsedValues {
  const problems: Problem[] = [];
  const plain = toJson(user, '', problems);
  if (!isJsonMap(plain)) return { problems: [...problems, { path: '', message: 'expected a map of values' }] };
  if (problems.length > 0) return { problems };
  const merged = coalesce(schema.defaults, plain);
  const checked = schema.zod.safeParse(merged, { reportInput: true });
  const wrong = checked.success ? [] : checked.error.issues.flatMap(describeIssue);
  const said = new Set(wrong.map((problem) => problem.path));
  const missing = missingProblems(schema.json, merged).filter((problem) => !said.has(problem.path));
  const all = [...wrong, ...missing];
  return all.length > 0 ? { problems: all } : { values: merged };
}

/** What the generated guard of the chart says too, in the same words. */
export const missingAdvice = {
  required: 'is required',
  defaulted: 'is missing: it was set to null, or these values come from an older chart (use --reset-then-reuse-values)',
} as const;

function missingProblems(schema: JsonSchema, values: JsonMap): readonly Problem[] {
  return declaredKeys(schema).flatMap(({ path, presence }) => {
    if (presence === 'optional') return [];
    const keys = path.split('.');
    const isMissing = isJsonMap(lookUp(values, keys.slice(0, -1))) && lookUp(values, keys) === undefined;
    return isMissing ? [{ path, message: missingAdvice[presence] }] : [];
  });
}

function describeIssue(issue: z.core.$ZodIssue): readonly Problem[] {
  const path = issue.path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .slice(1);
  if (issue.code === 'unrecognized_keys') {
    const at = path === '' ? '' : `${path}.`;
    return issue.keys.map((key) => ({ path: `${at}${key}`, message: 'is no key of this chart; check its spelling' }));
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) return [{ path, message: 'is required' }];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return [{ path, message: issue.errors.flat().map(messageOf).join(', or ') }];
  }
  if (issue.code === 'invalid_key') return [{ path, message: issue.issues.map(messageOf).join(', or ') }];
  return [{ path, message: messageOf(issue) }];
}

function messageOf(issue: z.core.$ZodIssue): string {
  return issue.message.replace(/^Invalid input: /, '');
}

/** Plain JSON data without functions, dates or cycles; undefined properties are left out. */
function toJson(value: unknown, path: string, problems: Problem[], above: readonly unknown[] = []): Json {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return checkText(value, path, problems);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) problems.push({ path, message: 'is not a finite number' });
    return value;
  }
  if (above.includes(value)) {
    problems.push({ path, message: 'holds itself' });
    return null;
  }
  const here = [...above, value];
  if (Array.isArray(value)) return value.map((item, i) => toJson(item, `${path}[${i}]`, problems, here));
  if (!isPlainObject(value)) {
    problems.push({ path, message: 'is not plain data (text, number, boolean, list or map)' });
    return null;
  }
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(
    entries.map(([key, part]) => {
      if (isUnsafeKey(key)) problems.push({ path, message: keyProblem(key) });
      const inner = path === '' ? key : `${path}.${key}`;
      return [checkText(key, path, problems), toJson(part, inner, problems, here)];
    }),
  );
}

function checkText(text: string, path: string, problems: Problem[]): string {
  if (unsafeCharacters.test(text)) problems.push({ path, message: characterProblem });
  if (!text.isWellFormed()) problems.push({ path, message: 'holds half a character (a lone surrogate)' });
  return text;
}
