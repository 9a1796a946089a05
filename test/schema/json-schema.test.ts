import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ChartError } from '../../src/errors.ts';
import { jsonSchemaOf } from '../../src/schema/json-schema.ts';

const of = (schema: z.ZodType) => jsonSchemaOf(z.strictObject({ key: schema }));
const section = z.strictObject({ a: z.string().default('x') });

describe('a JSON schema', () => {
  it('is what Helm checks a user’s values against', () => {
    const schema = z
      .strictObject({
        url: z
          .string()
          .regex(/^https:[!-~]+$/)
          .max(99)
          .describe('Where to'),
        replicas: z.int().min(0).max(9).default(1),
        share: z.union([z.int().min(0).max(9), z.string().regex(/^[0-9]+%$/)]).default(1),
        labels: z.record(z.string().regex(/^[a-z]+$/), z.string()).default({}),
        anything: z.record(z.string(), z.unknown()).default({}),
        list: z.array(z.strictObject({ name: z.string(), value: z.string().optional() })).default([]),
        mode: z.enum(['fast', 'slow']).default('fast'),
        section: section.prefault({}),
        open: z.looseObject({ enabled: z.boolean().default(false) }).prefault({}),
      })
      .describe('All');
    expect(jsonSchemaOf(schema)).toMatchObject({
      type: 'object',
      description: 'All',
      additionalProperties: false,
      required: ['url'],
      properties: {
        url: { type: 'string', pattern: '^https:[!-~]+$', maxLength: 99, description: 'Where to' },
        replicas: { type: 'integer', minimum: 0, maximum: 9, default: 1 },
        share: { anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^[0-9]+%$' }], default: 1 },
        labels: { type: 'object', propertyNames: { pattern: '^[a-z]+$' }, additionalProperties: { type: 'string' } },
        anything: { type: 'object', additionalProperties: true, default: {} },
        list: { type: 'array', items: { required: ['name'], additionalProperties: false } },
        mode: { enum: ['fast', 'slow'], default: 'fast' },
        section: { properties: { a: { default: 'x' } }, additionalProperties: false },
        open: { properties: { enabled: { type: 'boolean' } }, additionalProperties: true },
      },
    });
  });

  it('says nothing of a section’s default, which is the sum of its keys’', () => {
    expect(of(section.prefault({})).properties?.['key']).not.toHaveProperty('default');
  });

  it('has the characters that JavaScript escapes in a pattern as they are, since RE2 knows no such escape', () => {
    const key = of(z.string().regex(/^[a\u2028]+$/)).properties?.['key'];
    expect(key?.pattern).toBe('^[a\u2028]+$');
  });
});

describe('a schema is refused', () => {
  it.each<readonly [what: string, schema: z.ZodType, message: string]>([
    ['an integer without limits', z.int(), 'least and a greatest'],
    ['an integer without a greatest value', z.int().min(0), 'least and a greatest'],
    ['a limit of the length alone', z.string().max(3), 'lengths'],
    ['a least length alone', z.string().min(2), 'lengths'],
    ['a URL', z.url(), 'formats'],
    ['an e-mail address', z.email(), 'formats'],
    ['a host name', z.hostname(), 'formats'],
    ['a date', z.iso.datetime(), 'formats'],
    ['an address', z.ipv6(), 'formats'],
    ['a range of addresses', z.cidrv4(), 'formats'],
    ['a UUID', z.uuid(), 'formats'],
    ['a prefix', z.string().startsWith('a'), 'formats'],
    ['a flag of a pattern', z.string().regex(/^ab$/i), 'no flags in Helm, here i'],
    ['a dot in a pattern', z.string().regex(/^a.b$/), 'reads . alike'],
    ['blank space in a pattern', z.string().regex(/^\S*$/), 'reads \\S alike'],
    ['a look-ahead', z.string().regex(/^(?!x)[a-z]*$/), 'reads (?! alike'],
    ['a back-reference', z.string().regex(/^(a)\1$/), 'reads \\1 alike'],
    ['a property of characters', z.string().regex(/^\p{L}$/u), 'reads \\p alike'],
    ['an escaped code point', z.string().regex(/^\u{1F600}$/u), 'reads \\u alike'],
    ['a class that only RE2 knows', z.string().regex(/^[[:alpha:]]$/), "JavaScript can't read"],
    ['a repetition that RE2 refuses', z.string().regex(/^a{0,2000}$/), '1,000 times'],
    ['null', z.null(), 'null takes a default away'],
    ['a nullable text', z.string().nullable().default(null), 'null takes a default away'],
    ['a literal null', z.literal(null), 'null takes a default away'],
    ['coercion', z.coerce.number(), 'coerces nothing'],
    ['trimming', z.string().trim(), 'changes no values'],
    ['lower case', z.string().toLowerCase(), 'changes no values'],
    ['a transformation', z.string().transform((text) => text.length), "zod's pipe"],
    ['a change before the check', z.preprocess((value) => value ?? 'a', z.string()), "zod's pipe"],
    ['text for a boolean', z.stringbool(), "zod's pipe"],
    ['a fallback', z.string().catch('x'), "zod's catch"],
    ['a refinement', z.string().refine((text) => text !== 'bad'), 'write a rule'],
    ['a lazy schema', z.lazy(() => z.string()), "zod's lazy"],
    ['a map that drops keys', z.object({ a: z.string() }), 'strictObject'],
    ['a default in a list', z.array(section).default([]), 'no default is put in'],
    ['a default in a free map', z.record(z.string(), section).default({}), 'no default is put in'],
    ['a default in a union', z.union([section, z.string()]), 'no default is put in'],
    ['a default of a whole section', z.strictObject({ a: z.string() }).default({ a: 'x' }), 'prefault({})'],
    ['a discriminated union', z.discriminatedUnion('p', [z.strictObject({ p: z.literal('a') })]), 'only properties'],
    ['one of two, but not both', z.xor([z.string(), z.boolean()]), 'only properties'],
    ['an intersection', z.intersection(section, section), "zod's intersection"],
    ['keys out of a list', z.record(z.enum(['a', 'b']), z.string()), 'checked by a pattern only'],
    ['multiples', z.number().multipleOf(0.1), 'only properties'],
    ['an open limit', z.number().gt(0), 'only properties'],
    ['a tuple', z.tuple([z.string()]), "zod's tuple"],
    ['a date of JavaScript', z.date(), "zod's date"],
    ['anything that a function accepts', z.custom(() => true), "zod's custom"],
    ['an optional key without a default', z.string().optional(), 'has a default'],
  ])('that has %s', (_, schema, message) => {
    expect(() => of(schema)).toThrow(ChartError);
    expect(() => of(schema)).toThrow(message);
  });

  it.each(['a.b', 'a b', '', 'y', 'No', 'on', '1a', 'constructor', '<<'])('that has the key %j', (key) => {
    expect(() => jsonSchemaOf(z.strictObject({ [key]: z.boolean().default(true) }))).toThrow('letters, digits');
  });

  it('with every place at once', () => {
    const schema = z.strictObject({
      a: z.strictObject({ b: z.int().default(0) }).prefault({}),
      list: z.array(z.strictObject({ c: z.url() })).default([]),
      map: z.record(z.string().regex(/^.$/), z.email()).default({}),
      union: z.union([z.boolean(), z.url()]).default(true),
    });
    const problems = (): unknown => {
      try {
        return jsonSchemaOf(schema);
      } catch (error) {
        return error instanceof ChartError && error.code === 'schema-not-portable' ? error.problems : error;
      }
    };
    expect((problems() as { path: string }[]).map(({ path }) => path).sort()).toEqual([
      'a.b',
      'list.[].c',
      'map.(key)',
      'map.*',
      'union.(1)',
    ]);
  });
});
