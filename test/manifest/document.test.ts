import { describe, expect, it } from 'vitest';
import * as b from '../../src/expression/build.ts';
import { hosts, labels, linesOf, name, objectsOf, on, value } from './printed.ts';

const objects = value<readonly object[]>('objects', 'list');
const one = { kind: 'A', name };

describe('a file', () => {
  it('holds one object', () => {
    expect(linesOf(one)).toEqual(['kind: A', 'name: {{ .Values.name | quote }}']);
    expect(objectsOf(one, { name: 'n' })).toEqual([{ kind: 'A', name: 'n' }]);
  });

  it('holds an object under a condition', () => {
    const manifest = b.onlyWhen(on, one);
    expect(linesOf(manifest)).toEqual([
      '{{- if .Values.on }}',
      'kind: A',
      'name: {{ .Values.name | quote }}',
      '{{- end }}',
    ]);
    expect(objectsOf(manifest, { on: true, name: 'n' })).toEqual([{ kind: 'A', name: 'n' }]);
    expect(objectsOf(manifest, { on: false, name: 'n' })).toEqual([]);
  });

  it('holds one of two objects', () => {
    const manifest = b.either<object>(on, one, { kind: 'B' });
    expect(linesOf(manifest).slice(-3)).toEqual(['{{- else }}', 'kind: B', '{{- end }}']);
    expect(objectsOf(manifest, { on: false })).toEqual([{ kind: 'B' }]);
  });

  it('holds several objects', () => {
    const manifest = [{ kind: 'A' }, b.onlyWhen(on, { kind: 'B' })];
    expect(linesOf(manifest)).toEqual(['kind: A', '---', '{{- if .Values.on }}', 'kind: B', '{{- end }}']);
    expect(objectsOf(manifest, { on: true })).toEqual([{ kind: 'A' }, { kind: 'B' }]);
    expect(objectsOf(manifest, { on: false })).toEqual([{ kind: 'A' }]);
  });

  it('holds an object for each element of a list', () => {
    const manifest = b.forEach(hosts, 'host', (host) => ({ kind: 'A', host, name }));
    expect(linesOf(manifest)).toEqual([
      '{{- range $host := .Values.hosts }}',
      '---',
      'kind: A',
      'host: {{ $host | quote }}',
      'name: {{ $.Values.name | quote }}',
      '{{- end }}',
    ]);
    expect(objectsOf(manifest, { hosts: ['x', 'y'], name: 'n' })).toEqual([
      { kind: 'A', host: 'x', name: 'n' },
      { kind: 'A', host: 'y', name: 'n' },
    ]);
  });

  it("holds the user's own objects, between comments", () => {
    const manifest = b.splice(objects);
    const lines = linesOf(manifest);
    expect(lines.slice(0, 2)).toEqual(['{{- range .Values.objects }}', '---']);
    expect(lines.at(-2)).toBe('# end');
    expect(objectsOf(manifest, { objects: [{ kind: 'A' }] })).toEqual([{ kind: 'A' }]);
    expect(objectsOf(manifest, {})).toEqual([]);
  });
});

const named = value<readonly { name: string }[]>('objects', 'list');

describe('a file that comes to something else than objects', () => {
  it('is refused, not left out', () => {
    expect(() => objectsOf(['text'])).toThrow('a resource file holds objects');
  });
});

describe("a file must not end in the user's YAML, whose last line breaks Helm would trim", () => {
  it.each<readonly [string, object]>([
    ['a map', { kind: 'A', a: labels }],
    ['a map inside of maps', { kind: 'A', a: { b: { c: labels } } }],
    ['a list', { kind: 'A', a: [1, b.splice(hosts)] }],
    ['a merged map', { kind: 'A', a: b.mergeMaps({ a: 'b' }, labels) }],
    ['a merged list', { kind: 'A', a: b.mergeByKey(named, { by: 'name', helper: 'c.o', ours: [{ name: 'a' }] }) }],
    ['a helper', { kind: 'A', a: b.namedPart('c.h', { b: labels }) }],
    ['one of two parts', { kind: 'A', a: b.either<unknown>(on, 'x', labels) }],
    ['a map before a key that may be gone', { kind: 'A', a: labels, b: b.onlyWhen(on, 'x') }],
    ['the object of a loop', b.forEach(objects, 'o', () => ({ kind: 'A', a: labels }))],
    ['an object under a condition', b.onlyWhen(on, { kind: 'A', a: labels })],
  ])('%s is refused', (_, manifest) => {
    expect(() => linesOf(manifest)).toThrow("must not end in the user's YAML");
  });

  it.each<readonly [string, object]>([
    ['a key after it', { kind: 'A', a: labels, b: 'x' }],
    ['an encoder', { kind: 'A', a: b.keepEmpty(labels) }],
    ['text', { kind: 'A', a: b.text('x') }],
  ])('%s is good', (_, manifest) => {
    expect(() => linesOf(manifest)).not.toThrow();
  });
});
