import type fc from 'fast-check';
import { z } from 'zod';
import type { JsonMap } from '../../src/expression/json.ts';
import { type ValuesSchema, valuesSchema } from '../../src/schema/parse.ts';
import { type References, referencesOf } from '../../src/schema/references.ts';
import { isSafeJson, valuesArbitrary } from '../equivalence/arbitrary.ts';

const entry = z.strictObject({ name: z.string(), value: z.string().optional() });
const anyMap = z.record(z.string(), z.unknown());
const texts = z.record(z.string(), z.string());

/** One value of each kind that a template may meet, twice where two of them may differ. */
const zod = z.strictObject({
  first: z.boolean().default(true),
  second: z.boolean().default(false),
  third: z.boolean().default(true),
  integer: z.int().min(-1_000_000).max(1e12).default(0),
  digit: z.int().min(0).max(9).default(3),
  number: z.number().default(0.5),
  share: z.union([z.int().min(0).max(999_999), z.string().regex(/^[0-9]{1,2}%$/)]).default(0),
  empty: z.string().default(''),
  text: z.string().default('x'),
  texts: z.array(z.string()).default([]),
  maps: z.array(anyMap).default([]),
  labels: texts.default({}),
  annotations: texts.default({ a: 'b' }),
  anything: anyMap.default({}),
  entries: z.array(entry).default([]),
  section: z
    .strictObject({
      enabled: z.boolean().default(true),
      inner: z.strictObject({ text: z.string().default('d') }).prefault({}),
    })
    .prefault({}),
});

export const schema: ValuesSchema = valuesSchema(zod);
export const values: References<z.output<typeof zod>> = referencesOf(schema.json);
/** Names that both a manifest's entries and the user's have. */
export const entryNames: readonly string[] = ['A', 'B', 'x', ''];
/** Keys that both a manifest's maps and the user's have. */
export const mapKeys: readonly string[] = ['a', 'b', 'x/y', 'y', 'q'];

/** Documents that the schema takes, hostile ones first, without what YAML can't carry. */
export const documents: fc.Arbitrary<JsonMap> = valuesArbitrary(schema.json, { keys: mapKeys, names: entryNames })
  .filter(isSafeJson)
  .map((document) => document as JsonMap);
