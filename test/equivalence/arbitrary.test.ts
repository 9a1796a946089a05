import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { helmVersions } from '../helm/binaries.ts';
import { isJsonMap, type Json } from '../helm/json.ts';
import { ownSchemaRefusals, schemaRefusals } from '../helm/schema-check.ts';
import { toyChart, toyProblems } from '../helm/toy.ts';
import { askProblems, templateMany } from '../helm/many.ts';
import { isSafeJson, valuesArbitrary } from './arbitrary.ts';
import { isWithin } from './arbitrary-text.ts';
import type { JsonSchema } from './json-schema.ts';
import { faultArbitrary, faultKinds, mutatedValues, mutateValues } from './mutate-values.ts';

const whole = JSON.parse(readFileSync(`${toyChart}/values.schema.json`, 'utf8')) as JsonSchema;
/** Without the switch that makes a template fail. */
const schema: JsonSchema = {
  ...whole,
  properties: Object.fromEntries(Object.entries(whole.properties ?? {}).filter(([key]) => key !== 'crash')),
};
const defaults = parse(readFileSync(`${toyChart}/values.yaml`, 'utf8')) as Json;
const pools = { keys: ['tier', 'app', 'kubernetes'], names: ['PATH', 'data'] };
const values = valuesArbitrary(schema, pools);
const faulty = fc.sample(mutatedValues(values, defaults), { numRuns: 300, seed: 2 });
const sample = fc.sample(values, { numRuns: 2000, seed: 1 });

describe.each(helmVersions)('on Helm %s', (version) => {
  it('the schema accepts every document', () => {
    const answers = askProblems(version, toyChart, toyProblems, sample.slice(0, 200));
    // Helm 3 passes the values through YAML before its schema sees them, and stops at U+FFFE.
    const refused = answers.flatMap((answer, index) =>
      ('schema' in answer || 'crash' in answer) && isSafeJson(sample[index] ?? null) ? [[answer, sample[index]]] : [],
    );
    expect(refused).toEqual([]);
    expect(answers.filter((answer) => Object.keys(answer).length === 0).length).toBeGreaterThan(100);
  });

  it('documents of safe characters are rendered', () => {
    const safe = sample.slice(0, 100).filter(isSafeJson);
    const results = templateMany(version, toyChart, safe, {
      release: { name: 'r', namespace: 'd' },
      problemsHelper: toyProblems,
    });
    const refused = results.flatMap((result) =>
      'refused' in result && !result.refused.startsWith('- ') ? [result.refused] : [],
    );
    expect(refused).toEqual([]);
  });

  it('some documents with a fault are refused, some are not', () => {
    const answers = askProblems(version, toyChart, toyProblems, faulty.slice(0, 150));
    const refused = answers.filter((answer) => Object.keys(answer).length > 0);
    expect(refused.length).toBeGreaterThan(30);
    expect(refused.length).toBeLessThan(120);
  });

  it('all documents under one schema are refused as each under its own', () => {
    const maps = faulty.filter(isJsonMap);
    const together = schemaRefusals(version, toyChart, maps);
    const apart = ownSchemaRefusals(version, toyChart, maps);
    expect(together.map((message) => message !== undefined)).toEqual(apart.map((message) => message !== undefined));
  });
});

describe('values documents', () => {
  const has = (test: (document: { readonly [key: string]: Json }) => boolean): number =>
    sample.filter((document) => isJsonMap(document) && test(document)).length;
  const map = (value: Json | undefined): { readonly [key: string]: Json } => (isJsonMap(value) ? value : {});
  const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

  it.each<[string, (document: { readonly [key: string]: Json }) => boolean]>([
    ['nothing but what must be given', (d) => Object.keys(d).length === 1],
    ['a free map taken away', (d) => d['labels'] === null],
    ['a list taken away', (d) => d['env'] === null],
    ['an optional text taken away', (d) => d['suffix'] === null],
    ['a default key taken away', (d) => map(d['labels'])['tier'] === null],
    ['a default key taken away further down', (d) => map(map(d['resources'])['requests'])['cpu'] === null],
    ['an empty map', (d) => isJsonMap(d['labels']) && Object.keys(d['labels']).length === 0],
    ['an empty list', (d) => Array.isArray(d['env']) && d['env'].length === 0],
    ['an empty text', (d) => d['message'] === ''],
    ['zero', (d) => d['replicas'] === 0],
    ['the greatest integer', (d) => d['replicas'] === 1000],
    ['a million', (d) => d['size'] === 1e6],
    ['a label of ours', (d) => typeof map(d['labels'])['app'] === 'string'],
    ['a variable of ours', (d) => list(d['env']).some((item) => map(item)['name'] === 'PATH')],
    ['a volume of ours', (d) => list(d['volumes']).some((item) => map(item)['name'] === 'data')],
    [
      'the same name twice',
      (d) => list(d['env']).length > 1 && new Set(list(d['env']).map((item) => map(item)['name'])).size === 1,
    ],
    ['an inherited key', (d) => ['toString', 'hasOwnProperty'].some((key) => Object.hasOwn(map(d['resources']), key))],
    ['a boolean key', (d) => ['y', 'no', 'on', 'true'].some((key) => Object.hasOwn(map(d['resources']), key))],
    ['an action', (d) => d['message'] === '{{ .Values }}'],
    ['an unsafe character', (d) => !isSafeJson(d)],
  ])('hold at times %s', (_, test) => {
    expect(has(test)).toBeGreaterThan(0);
  });

  it('never set a null where another default stands', () => {
    for (const key of ['message', 'replicas', 'size', 'mode', 'ratio', 'job', 'name'])
      expect(has((d) => d[key] === null)).toBe(0);
  });

  it('are mostly safe', () => {
    expect(sample.filter((document) => !isSafeJson(document)).length).toBeLessThan(sample.length / 20);
  });

  it('refuse a schema that they would misread', () => {
    expect(() => valuesArbitrary({ type: 'string', format: 'email' } as JsonSchema, pools)).toThrow('format');
    expect(() => valuesArbitrary({ type: 'strange' }, pools)).toThrow('strange');
  });

  it('shrink to the smallest document', () => {
    const failure = fc.check(
      fc.property(values, (document) => !isJsonMap(document) || document['replicas'] !== 1000),
      { seed: 1, numRuns: 5000 },
    );
    expect(failure.failed && Object.keys(failure.counterexample?.[0] ?? {}).sort()).toEqual(['name', 'replicas']);
  });
});

it('counts lengths in either unit', () => {
  expect(isWithin('😀😀', { maxLength: 3 })).toBe(false);
  expect(isWithin('😀😀', { minLength: 3 })).toBe(false);
  expect(isWithin('😀😀', { minLength: 2, maxLength: 4, pattern: '^.*$' })).toBe(true);
});

describe('a fault', () => {
  const faults = fc.sample(faultArbitrary, { numRuns: 500, seed: 3 });

  it('is of every kind', () => {
    expect(new Set(faults.map((fault) => fault.kind))).toEqual(new Set(faultKinds));
  });

  it('changes one place of a copy', () => {
    const document: Json = { a: { b: [1, { c: 'x' }] }, ['__proto__']: 1 };
    const before = structuredClone(document);
    const [fault] = faults;
    if (fault === undefined) throw new Error('no fault was made');
    const edited = (kind: (typeof faultKinds)[number], where: number, inDefaults = false): Json =>
      mutateValues(document, { d: { e: 1 } }, { ...fault, kind, where, inDefaults });
    expect(edited('null', 3)).toEqual({ a: { b: [null, { c: 'x' }] }, ['__proto__']: 1 });
    expect(edited('deleted', 4)).toEqual({ a: { b: [1] }, ['__proto__']: 1 });
    expect(edited('fraction', 6)).toEqual({ a: { b: [1, { c: 'x' }] }, ['__proto__']: 1.5 });
    expect(edited('in a list', 5)).toEqual({ a: { b: [1, { c: ['x'] }] }, ['__proto__']: 1 });
    expect(edited('null', 2, true)).toEqual({ ...(document as object), ['__proto__']: 1, d: { e: null } });
    expect(edited('deleted', 0)).toEqual({});
    expect(document).toEqual(before);
  });
});
