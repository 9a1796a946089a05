import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chartSource } from '../../src/consonant.ts';
import { printValuesSchema } from '../../src/chart/values-schema.ts';
import { printValuesTable } from '../../src/chart/values-table.ts';
import { printValuesYaml } from '../../src/chart/values-yaml.ts';
import type { ChartSource } from '../../src/chart/source.ts';
import { compareBytes } from '../../src/expression/go.ts';
import type { JsonSchema } from '../../src/schema/json-schema.ts';
import { declaredKeys } from '../../src/schema/defaults.ts';
import { helmVersions } from '../helm/binaries.ts';
import { readWithGo } from '../helm/objects.ts';
import { toy } from './toy-chart.ts';

const consonant = chartSource({ readme: '' });
const charts: readonly (readonly [string, ChartSource])[] = [
  ['the toy', toy],
  ['Consonant', consonant],
];

/** True when the line of a key, commented out or not, follows a comment at its depth. */
function hasComment(lines: readonly string[], path: string): boolean {
  const pad = '  '.repeat(path.split('.').length - 1);
  const key = new RegExp(`^${pad}(# )?"?${path.split('.').at(-1)}"?:`);
  return lines.some((line, i) => key.test(line) && lines[i - 1]?.startsWith(`${pad}# `) === true);
}

describe.each(charts)('values.yaml of %s', (_, source) => {
  const text = printValuesYaml(source);
  const lines = text.split('\n');

  it.each(['1.1', '1.2'] as const)('holds the defaults for readers of YAML %s', (version) => {
    expect(parse(text, { version })).toEqual(source.schema.defaults);
  });

  it.each(helmVersions)('holds the defaults for Helm %s', (version) => {
    expect(readWithGo(version, [text])).toEqual([source.schema.defaults]);
  });

  it('tells editors where its schema is, first of all', () => {
    expect(lines[0]).toBe('# yaml-language-server: $schema=values.schema.json');
  });

  it('has a comment over every key, also over those that must be given', () => {
    const bare = declaredKeys(source.schema.json).filter(({ path }) => !hasComment(lines, path));
    expect(bare).toEqual([]);
  });

  it('has no line that runs out of the window', () => {
    const [, , ...afterHead] = lines;
    expect(afterHead.filter((line) => line.length > 100 && /^ *#/.test(line))).toEqual([]);
  });
});

describe('values.yaml', () => {
  const text = printValuesYaml(toy);

  it('is written for people', () => {
    expect(text.split('\n').slice(3, 12)).toEqual([
      '# Where to send. Required',
      '# url:',
      '',
      '# Number of pods. 0 is possible',
      'replicas: 2',
      '',
      '# Comes behind the name | a pipe',
      'suffix: ""',
      '',
    ]);
  });

  it('quotes what a reader would take for something else', () => {
    expect(text).toContain('\nmode: "no"\n');
    expect(text).toContain('  - "1e3"\n');
    expect(text).toContain('  "on": "~"\n');
    expect(text).toContain('\n  least: 1000000\n');
  });
});

describe('values.schema.json', () => {
  const schema = JSON.parse(printValuesSchema(toy)) as JsonSchema;

  it('is draft-07, with the keys that Helm adds', () => {
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    expect(schema.title).toBe('Values of toy 1.2.3');
    expect(schema.properties).toMatchObject({ global: { type: 'object' }, enabled: { type: 'boolean' }, url: {} });
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required).toEqual(['url', 'limits']);
  });

  it('lets a chart say itself what is global', () => {
    const global: JsonSchema = { type: 'object', description: 'Ours', default: {} };
    const json = { ...toy.schema.json, properties: { ...toy.schema.json.properties, global } };
    const own = JSON.parse(printValuesSchema({ ...toy, schema: { ...toy.schema, json } })) as JsonSchema;
    expect(own.properties?.['global']?.description).toBe('Ours');
  });
});

describe('the table of values', () => {
  const rows = printValuesTable(toy.schema.json).split('\n');

  it('has a row for every key that is no section', () => {
    const keys = declaredKeys(toy.schema.json).map(({ path }) => path);
    const leaves = keys.filter((path) => !keys.some((other) => other.startsWith(`${path}.`)));
    const printed = rows.slice(2).map((row) => /^\| `([^`]+)`/.exec(row)?.[1] ?? row);
    expect(printed.toSorted(compareBytes)).toEqual(leaves);
  });

  it.each([
    '| `url` | text | **required** | Where to send |',
    '| `replicas` | integer | `2` | Number of pods. 0 is possible |',
    '| `suffix` | text | `""` | Comes behind the name \\| a pipe |',
    '| `mode` | `"fast"`, `"no"`, `"12:30"` | `"no"` | How |',
    '| `share` | integer or text | `"25%"` | So many |',
    '| `limits.token.name` | text | **required** | Name of a Secret |',
    '| `free` | map | `{}` | Anything |',
  ])('has the row %s', (row) => {
    expect(rows).toContain(row);
  });
});
