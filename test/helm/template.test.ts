import { describe, expect, it } from 'vitest';
import { helmVersions } from './binaries.ts';
import { isJsonMap, type Json } from './json.ts';
import { duplicateKeys, isEmptyDocument, readWithGo } from './objects.ts';
import { helmTemplate, type TemplateResult } from './template.ts';
import { toyChart } from './toy.ts';

const release = { name: 'r', namespace: 'ns' };

describe.each(helmVersions)('helm template %s', (version) => {
  const render = (values: readonly object[], args: readonly string[] = []): TemplateResult =>
    helmTemplate({ version, chart: toyChart, values, args, release, kubeVersion: '1.24.0' });

  it('gives every object, hooks and tests too, and no empty document', () => {
    const result = render([{ name: 'shop' }]);
    expect(result.ok && result.objects.map((object) => isJsonMap(object) && object['kind'])).toEqual([
      'ConfigMap',
      'ConfigMap',
      'Pod',
      'Job',
    ]);
    expect(result.ok && result.text).toContain('# Only a comment');
    expect(result.ok && result.objects[0]).toMatchObject({
      metadata: { name: 'r-shop', namespace: 'ns' },
      data: { kubernetes: 'v1.24.0' },
    });
  });

  it('takes several values files and arguments', () => {
    const result = render(
      [{ name: 'shop', replicas: 5, message: 'first' }, { message: 'second' }],
      ['--set', 'mode=fast', '--show-only', 'templates/configmap.yaml'],
    );
    expect(result.ok && result.objects[0]).toMatchObject({
      data: { replicas: '5', message: 'second', rest: '[0.5,"1Gi","fast",""]' },
    });
    expect(result.ok && result.objects).toHaveLength(2);
  });

  it('answers with the refusal of the schema or of a template', () => {
    expect(render([])).toMatchObject({ ok: false, error: expect.stringContaining('name') as string });
    expect(render([{ name: 'forbidden' }])).toEqual({
      ok: false,
      error: 'execution error at (toy/templates/validate.yaml:2:4): \n- `name` must not be "forbidden"',
    });
  });

  it('keeps every string and number as it is', () => {
    const hostile = [
      '{{ .Values }}',
      'a\n---\nb: c',
      '\u0000\u001b',
      '\u00ad\ufeff',
      '😀\u{10ffff}',
      '"\'\\',
      'yes',
      '1e3',
      ' \t\r\n ',
      '0x1f',
      '<&>',
      '~',
    ];
    const numbers = [0, -0, 1e6, 2 ** 53, 1e21, 1e-7, 0.1, 1e300, 5e-324];
    const resources = { hostile, numbers, ['__proto__']: 1, y: 2, no: 3, '1.0': 4, '': 5 };
    const result = render([
      { name: 'shop', message: hostile.join(' '), resources: { requests: null, limits: null, ...resources } },
    ]);
    expect(result.ok && result.objects[0]).toMatchObject({ data: { message: hostile.join(' ') } });
    // toYaml writes -0 as `-0`, which YAML reads as the integer 0.
    const carried = { ...resources, numbers: numbers.map((number) => number + 0) };
    expect(result.ok && at(result.objects[0], ['data', 'resources'])).toEqual(carried);
  });

  it('reads several documents of a text, JSON too', () => {
    const texts = [
      '# none\n',
      'a: 1\n--- # next\nb: 12:30:45\n---\n\n',
      '---\n{"c": "\\u0085", "d": [on, 1e3]}',
      'e: |\n  ---\n  x\n',
    ];
    expect(readWithGo(version, texts)).toEqual([
      { a: 1 },
      { b: '12:30:45' },
      { c: '\u0085', d: [true, 1000] },
      { e: '---\nx\n' },
    ]);
    expect(readWithGo(version, [])).toEqual([]);
    expect(() => readWithGo(version, ['- 1'])).toThrow("Go can't read");
  });

  it('reads more than one file of a chart may hold', () => {
    const long = 'x'.repeat(1_000_000);
    expect(
      readWithGo(
        version,
        Array.from({ length: 6 }, (_, index) => `a${index}: ${long}`),
      ).map((object) => Object.keys(object ?? {})[0]),
    ).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5']);
  });
});

it('finds keys that stand twice, which Go reads silently', () => {
  expect(readWithGo('4.1', ['a: {b: 1, b: 2}'])).toEqual([{ a: { b: 2 } }]);
  expect(duplicateKeys('a: {b: 1, b: 2}')).toHaveLength(1);
  expect(duplicateKeys('a:\n  - {b: 1}\n  - {b: 2}\n')).toEqual([]);
});

it('knows a document without an object', () => {
  expect(['', '\n', '# a\n  # b\n', '  \n#'].map(isEmptyDocument)).toEqual([true, true, true, true]);
  expect(['a: 1', '# a\n{}', '""'].map(isEmptyDocument)).toEqual([false, false, false]);
});

function at(value: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((map, key) => (isJsonMap(map) ? map[key] : undefined), value);
}
