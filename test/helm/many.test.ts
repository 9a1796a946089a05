import { describe, expect, it } from 'vitest';
import { helmVersions } from './binaries.ts';
import { differences } from './compare.ts';
import type { Json } from './json.ts';
import { helmTemplate } from './template.ts';
import { toyChart, toyProblems } from './toy.ts';
import { askProblems, templateMany, type ManyResult } from './many.ts';

const options = { release: { name: 'r', namespace: 'ns' }, kubeVersion: '1.30.0' };
const fine: Json = { name: 'ok' };
const mixed: readonly Json[] = [
  fine,
  { name: 'Bad', zz: 1 },
  { name: 'forbidden' },
  {},
  null,
  'text',
  [],
  { name: 'forbidden', replicas: 0 },
  { name: 'last', message: 'x', labels: { tier: null, d0: 'umbrella/charts/d0/' } },
  { name: 'ok', crash: true },
  { name: 'ok', replicas: 0, job: { enabled: false } },
  { name: 'ok', job: null },
];
/** Where nulls, scalars and maps meet the defaults: an umbrella must merge as a chart on its own does. */
const merges: readonly Json[] = [
  { name: 'a', labels: null, resources: null, volumes: null, annotations: null },
  { name: 'a', labels: { tier: null, other: 'x' }, resources: { requests: null, extra: null } },
  { name: 'a', resources: { requests: { cpu: null, memory: 'x' }, limits: 3 } },
  { name: 'a', resources: { requests: [], extra: { a: null } }, volumes: [{ a: null }, {}] },
  { name: 'a', env: null, suffix: null },
  { name: 'a', message: null },
  { name: 'a', ratio: null },
  { name: 'a', size: null },
  { name: 'a', job: {} },
  { name: 'a', job: { enabled: null } },
  { name: 'a', crash: null },
  { name: null },
  { name: 'a', global: { x: 1 }, enabled: true },
  { name: 'a', global: null },
  { name: 'a', enabled: null },
];

describe.each(helmVersions)('an umbrella chart on Helm %s', (version) => {
  const kinds = (results: readonly ManyResult[]): string[] =>
    results.map((result) => ('refused' in result ? 'refused' : String(result.objects.length)));

  it('renders what can be rendered and says who is refused', () => {
    const expected = [
      '4',
      'refused',
      'refused',
      'refused',
      'refused',
      'refused',
      'refused',
      'refused',
      '4',
      'refused',
      '3',
      'refused',
    ];
    const found = templateMany(version, toyChart, mixed, options);
    expect(kinds(found)).toEqual(expected);
    expect(found[2]).toMatchObject({ refused: expect.stringContaining('must not be "forbidden"') as string });
    expect(kinds(templateMany(version, toyChart, mixed, { ...options, problemsHelper: toyProblems }))).toEqual(
      expected,
    );
    expect(kinds(templateMany(version, toyChart, mixed, { ...options, batch: 3 }))).toEqual(expected);
    expect(templateMany(version, toyChart, [], options)).toEqual([]);
  });

  it('asks the helper about each document', () => {
    const answers = askProblems(version, toyChart, toyProblems, mixed);
    expect(answers.map((answer) => Object.keys(answer).join())).toEqual([
      '',
      'schema',
      'problems',
      'schema',
      'schema',
      'schema',
      'schema',
      'problems',
      '',
      '',
      '',
      'crash',
    ]);
    expect(answers[2]).toEqual({ problems: ['`name` must not be "forbidden"'] });
    expect(answers[7]).toEqual({
      problems: ['`name` must not be "forbidden"', '`job.enabled` needs `replicas` above 0'],
    });
  });

  it('refuses a helper that the chart has not', () => {
    expect(() => askProblems(version, toyChart, 'toy.none', [fine])).toThrow('a broken chart');
  });

  it('renders each document as the chart on its own does', () => {
    const many = templateMany(version, toyChart, merges, options);
    merges.forEach((document, index) => {
      const alone = helmTemplate({ version, chart: toyChart, values: [document], ...options });
      const result = many[index] ?? { refused: 'missing' };
      expect([JSON.stringify(document), 'objects' in result]).toEqual([JSON.stringify(document), alone.ok]);
      if (alone.ok && 'objects' in result) expect(differences(alone.objects, result.objects)).toEqual([]);
    });
  });

  it('renders hundreds of documents in one process', () => {
    const documents = Array.from({ length: 300 }, (_, index) => ({ name: `n${index}` }));
    const started = performance.now();
    const results = templateMany(version, toyChart, documents, { ...options, batch: 300 });
    expect(new Set(kinds(results))).toEqual(new Set(['4']));
    expect(results[299]).toMatchObject({ objects: [{ metadata: { name: 'r-n299' } }, {}, {}, {}] });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
