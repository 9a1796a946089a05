import type { z } from 'zod';
import { isUnsafeKey } from '../expression/characters.ts';
import { patternProblem } from '../expression/pattern.ts';
import type { JsonSchema } from './draft-07.ts';

const understoodTypes: readonly string[] =
  'string number boolean enum literal union unknown any array object record optional default prefault'.split(' ');

/** What zod does and JSON schema has no word for: it would be lost without a trace. */
export function zodProblems({ _zod: { def } }: z.core.$ZodType): readonly string[] {
  return [
    ...(understoodTypes.includes(def.type) ? [] : [`Helm has nothing like zod's ${def.type}`]),
    ...('coerce' in def && def.coerce === true ? ['Helm coerces nothing'] : []),
    ...(def.checks ?? []).flatMap(checkProblems),
  ];
}

function checkProblems({ _zod: { def } }: z.core.$ZodCheck<never>): readonly string[] {
  if (def.check === 'custom') return ['Helm knows no refinements; write a rule of the chart'];
  if (def.check === 'overwrite') return ['Helm changes no values; use a pattern'];
  const flags = 'pattern' in def && def.pattern instanceof RegExp ? def.pattern.flags : '';
  return /[^u]/.test(flags) ? [`a pattern has no flags in Helm, here ${flags}`] : [];
}

const understoodKeywords: readonly string[] = [
  '$schema type title description default const enum anyOf properties required additionalProperties propertyNames',
  'items minItems maxItems pattern minLength maxLength minimum maximum x-guard',
].flatMap((words) => words.split(' '));
const limit = Number.MAX_SAFE_INTEGER;

/** What Helm's engines read otherwise than zod, each other or the rest of this generator. */
export function jsonProblems(schema: JsonSchema): readonly string[] {
  const { type, pattern, properties, propertyNames, minimum = -limit, maximum = limit } = schema;
  const isAsciiPattern = pattern !== undefined;
  const found: readonly (readonly [boolean, string])[] = [
    ['format' in schema, 'formats are read differently; use a pattern'],
    [
      Object.keys(schema).some((keyword) => !understoodKeywords.includes(keyword) && keyword !== 'format'),
      'only properties, items, anyOf, enum, const, patterns and limits are understood here',
    ],
    [Array.isArray(type) || type === 'null' || schema.default === null, 'null takes a default away, and is no value'],
    [
      type === 'integer' && (minimum <= -limit || maximum >= limit),
      'an integer needs a least and a greatest value below 2^53',
    ],
    [
      (schema.minLength ?? schema.maxLength) !== undefined && !isAsciiPattern,
      'lengths are counted differently; use a pattern',
    ],
    [
      properties !== undefined && schema.additionalProperties === undefined,
      'zod would drop unknown keys; use strictObject or looseObject',
    ],
    [propertyNames?.enum !== undefined, 'keys are checked by a pattern only'],
    [
      properties !== undefined && Object.keys((schema.default ?? {}) as object).length > 0,
      'each key of a section has a default of its own; use prefault({})',
    ],
  ];
  const oddPattern = pattern === undefined ? undefined : textPatternProblem(pattern);
  return [
    ...found.flatMap(([is, message]) => (is ? [message] : [])),
    ...(oddPattern === undefined ? [] : [oddPattern]),
  ];
}

/** In a text of a user's a dot may meet a line break, which not every engine lets it match. */
function textPatternProblem(pattern: string): string | undefined {
  const withoutClasses = pattern.replace(/\\./g, '').replace(/\[[^\]]*\]/g, '');
  return withoutClasses.includes('.') ? `not every engine reads . alike: ${pattern}` : patternProblem(pattern);
}

/** Words that Helm's YAML reader takes for a boolean when a user writes them as a key. */
const booleans = /^(y|n|yes|no|on|off|true|false)$/i;

/** What is wrong with a declared key of a section. */
export function keyProblems(key: string, schema: JsonSchema, isRequired: boolean): readonly string[] {
  const isPlain = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) && !booleans.test(key) && !isUnsafeKey(key);
  const isSection = schema.properties !== undefined;
  return [
    ...(isPlain ? [] : ['a key is made of letters, digits, `_` and `-`, and no word for a boolean']),
    ...(isRequired || isSection || schema.default !== undefined ? [] : ['a key that need not be given has a default']),
  ];
}
