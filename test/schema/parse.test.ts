import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ParsedValues, missingAdvice, parseValues, valuesSchema } from '../../src/schema/parse.ts';

const schema = valuesSchema(
  z.strictObject({
    url: z.string().regex(/^https?:/, { error: 'must be a URL' }),
    replicas: z.int().min(0).max(9).default(1),
    suffix: z.string().default(''),
    labels: z.record(z.string(), z.string()).default({ a: 'b' }),
    list: z.array(z.strictObject({ name: z.string() })).default([]),
    section: z
      .strictObject({
        enabled: z.boolean().default(true),
        inner: z.strictObject({ count: z.int().min(0).max(9).default(0) }).prefault({}),
      })
      .prefault({}),
    share: z
      .union([z.int().min(0).max(9), z.string().regex(/^[0-9]+%$/, { error: 'must be a percentage' })])
      .default(1),
    anything: z.record(z.string(), z.unknown()).default({}),
  }),
);
const url = 'http://x';
const parse = (values: unknown): ParsedValues => parseValues(schema, values);
const lines = (values: unknown): readonly string[] =>
  (parse(values).problems ?? []).map(({ path, message }) => `${path}: ${message}`);

describe('good values', () => {
  it('are merged over the defaults', () => {
    expect(parse({ url, section: { inner: { count: 2 } }, labels: { c: 'd' } }).values).toEqual({
      url,
      replicas: 1,
      suffix: '',
      labels: { a: 'b', c: 'd' },
      list: [],
      section: { enabled: true, inner: { count: 2 } },
      share: 1,
      anything: {},
      global: {},
      enabled: true,
    });
  });

  it('may take optional defaults away by null, which is not put back', () => {
    expect(parse({ url, suffix: null, labels: null, list: null }).values).toEqual({
      url,
      replicas: 1,
      section: { enabled: true, inner: { count: 0 } },
      share: 1,
      anything: {},
      global: {},
      enabled: true,
    });
  });

  it('are data: what is undefined is not there, a map without a prototype is a map', () => {
    const labels = Object.assign(Object.create(null) as object, { c: 'd' });
    expect(parse({ url, replicas: undefined, labels }).values).toMatchObject({
      replicas: 1,
      labels: { a: 'b', c: 'd' },
    });
  });
});

describe('bad values are refused', () => {
  it.each<readonly [string, unknown, readonly string[]]>([
    ['no map', ['x'], [': expected a map of values']],
    ['null', null, [': expected a map of values']],
    ['a missing key', {}, ['url: is required']],
    ['an unknown key', { url, replica: 1 }, ['replica: is no key of this chart; check its spelling']],
    [
      'an unknown key of a section',
      { url, section: { on: true } },
      ['section.on: is no key of this chart; check its spelling'],
    ],
    [
      'an unknown key in a list',
      { url, list: [{ name: 'a' }, { name: 'b', x: 1 }] },
      ['list[1].x: is no key of this chart; check its spelling'],
    ],
    ['a missing key in a list', { url, list: [{}] }, ['list[0].name: is required']],
    ['a wrong type', { url, section: { enabled: 'yes' } }, ['section.enabled: expected boolean, received string']],
    ['a value of none of the kinds that it may be', { url, share: 'x' }, ['share: must be a percentage']],
    [
      'a kind that none of them has',
      { url, share: true },
      ['share: expected number, received boolean, or expected string, received boolean'],
    ],
    ['a broken pattern, in the words of the schema', { url: 'x' }, ['url: must be a URL']],
    ['a default taken away', { url, replicas: null }, [`replicas: ${missingAdvice.defaulted}`]],
    ['a section taken away', { url, section: null }, [`section: ${missingAdvice.defaulted}`]],
    [
      'a section further down taken away',
      { url, section: { inner: null } },
      [`section.inner: ${missingAdvice.defaulted}`],
    ],
    [
      'a key of a section taken away',
      { url, section: { inner: { count: null } } },
      [`section.inner.count: ${missingAdvice.defaulted}`],
    ],
    [
      'null in a free map without a default there',
      { url, labels: { z: null } },
      ['labels.z: expected string, received null'],
    ],
    [
      'a control character',
      { url, suffix: 'a\u0085' },
      ["suffix: the values hold a control character that YAML can't carry"],
    ],
    [
      'a control character in a key',
      { url, labels: { '\u2028': 'x' } },
      ["labels: the values hold a control character that YAML can't carry"],
    ],
    ['half a character', { url, suffix: '\ud800' }, ['suffix: holds half a character (a lone surrogate)']],
    [
      'a merge key',
      { url, anything: { '<<': {} } },
      ["anything: the values hold the key `<<`, which can't be carried to a manifest"],
    ],
    [
      'a key of JavaScript',
      { url, anything: { constructor: 1 } },
      ["anything: the values hold the key `constructor`, which can't be carried to a manifest"],
    ],
    [
      'another such key',
      { url, anything: JSON.parse('{"__proto__": 1}') as object },
      ["anything: the values hold the key `__proto__`, which can't be carried to a manifest"],
    ],
    ['no finite number', { url, replicas: Infinity }, ['replicas: is not a finite number']],
    [
      'a date',
      { url, anything: { at: new Date() } },
      ['anything.at: is not plain data (text, number, boolean, list or map)'],
    ],
    [
      'a function',
      { url, anything: { f: [() => 1] } },
      ['anything.f[0]: is not plain data (text, number, boolean, list or map)'],
    ],
  ])('for %s', (_, values, problems) => {
    expect(lines(values)).toEqual(problems);
  });

  it('with all problems at once', () => {
    expect(lines({ replicas: 10, section: { enabled: 1 }, more: 1 })).toEqual([
      'url: is required',
      'replicas: Too big: expected number to be <=9',
      'section.enabled: expected boolean, received number',
      'more: is no key of this chart; check its spelling',
    ]);
    expect(lines({ url, suffix: '\u0085', anything: { '<<': '\u0085' } })).toHaveLength(3);
    expect(lines({ url, replicas: null, section: { enabled: null, inner: null } })).toHaveLength(3);
  });

  it('without the value itself, which may be a secret', () => {
    for (const values of [
      { url: 'sekrit' },
      { url, suffix: 'sekrit\u0085' },
      { url, replicas: 'sekrit' },
      { url, section: 'sekrit' },
    ])
      expect(lines(values).join()).not.toContain('sekrit');
  });

  it('and what holds itself', () => {
    const cycle: Record<string, unknown> = { url, anything: { list: [] } };
    cycle['anything'] = { list: [cycle, { url }] };
    expect(lines(cycle)).toEqual(['anything.list[0]: holds itself']);
  });

  it('but not what stands in two places', () => {
    const shared = { x: 1 };
    expect(lines({ url, anything: { a: shared, b: [shared, shared] } })).toEqual([]);
  });
});
