import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { node } from '../../src/expression/node.ts';
import { declaredKeys, defaultsOf, isOptional, isSection, kindOf } from '../../src/schema/defaults.ts';
import { jsonSchemaOf } from '../../src/schema/json-schema.ts';
import { referencesOf } from '../../src/schema/references.ts';

const zod = z.strictObject({
  url: z.string(),
  suffix: z.string().default(''),
  text: z.string().default('x'),
  mode: z.enum(['', 'fast']).default(''),
  zero: z.int().min(0).max(9).default(0),
  ratio: z.number().default(0.5),
  enabled: z.boolean().default(false),
  list: z.array(z.string()).default([]),
  labels: z.record(z.string(), z.string()).default({ a: 'b' }),
  share: z.union([z.int().min(0).max(9), z.string().regex(/^[0-9]%$/)]).default(1),
  section: z
    .strictObject({
      name: z.string(),
      'odd-key': z.string().default(''),
      inner: z.strictObject({ fixed: z.literal(true).default(true) }).prefault({}),
    })
    .prefault({ name: 'n' } as never),
});
const json = jsonSchemaOf(zod.omit({ section: true }).extend({ section: zod.shape.section.unwrap() }));
const partOf = (key: string) => json.properties?.[key] ?? {};

describe('defaults', () => {
  it('are those of every key, falsy and empty ones too', () => {
    expect(defaultsOf(json)).toEqual({
      suffix: '',
      text: 'x',
      mode: '',
      zero: 0,
      ratio: 0.5,
      enabled: false,
      list: [],
      labels: { a: 'b' },
      share: 1,
      section: { 'odd-key': '', inner: { fixed: true } },
    });
  });
});

describe('a key that null may take away', () => {
  it.each(['suffix', 'list', 'labels'])('is %s, which is then empty', (key) => {
    expect(isOptional(partOf(key))).toBe(true);
  });
  it.each(['url', 'text', 'mode', 'zero', 'ratio', 'enabled', 'share', 'section'])('is not %s', (key) => {
    expect(isOptional(partOf(key))).toBe(false);
  });
  it('is no section, whose keys are declared', () => {
    expect([isSection(partOf('section')), isSection(partOf('labels'))]).toEqual([true, false]);
  });
});

describe('the declared keys', () => {
  it('say what must be there, parents before children, as Helm ranges over them', () => {
    expect(declaredKeys(json).map(({ path, kind, presence }) => `${path} ${kind} ${presence}`)).toEqual([
      'enabled boolean defaulted',
      'labels map optional',
      'list list optional',
      'mode string defaulted',
      'ratio number defaulted',
      'section map defaulted',
      'section.inner map defaulted',
      'section.inner.fixed boolean defaulted',
      'section.name string required',
      'section.odd-key string optional',
      'share scalar defaulted',
      'suffix string optional',
      'text string defaulted',
      'url string required',
      'zero integer defaulted',
    ]);
  });
});

describe('references', () => {
  const values = referencesOf<z.output<typeof zod>>(json);

  it('know their path, their kind and whether null may take them away', () => {
    expect(values.section.inner.fixed[node]).toEqual({
      op: 'reference',
      root: 'Values',
      path: ['section', 'inner', 'fixed'],
      kind: 'boolean',
      optional: false,
    });
    expect(values.labels[node]).toMatchObject({ kind: 'map', optional: true });
    expect(values.section['odd-key'][node]).toMatchObject({ path: ['section', 'odd-key'], optional: true });
  });

  it('have the keys of sections and nothing else', () => {
    expect(Object.keys(values.section)).toEqual(['name', 'odd-key', 'inner']);
    expect(Object.keys(values.labels)).toEqual([]);
    expect('nothing' in values).toBe(false);
  });

  it.each([
    [{ type: 'array' }, 'list'],
    [{ enum: ['a'] }, 'string'],
    [{ enum: ['a', 1] }, 'scalar'],
    [{ const: 'a' }, 'string'],
    [{}, 'scalar'],
  ])('of %j are of kind %s', (schema, kind) => {
    expect(kindOf(schema)).toBe(kind);
  });
});
