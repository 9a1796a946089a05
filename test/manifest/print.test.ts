import { describe, expect, it } from 'vitest';
import * as b from '../../src/expression/build.ts';
import type { Json } from '../../src/expression/json.ts';
import { evaluated, hosts, labels, linesOf, name, objectsOf, off, on, partLines, value } from './printed.ts';

type Values = { readonly [key: string]: Json };
const full: Values = {
  on: true,
  off: true,
  name: 'n',
  hosts: ['h'],
  labels: { a: 'b' },
  entries: [{ name: 'x', v: 1 }],
};
const empty: Values = { on: false, off: false, name: '', hosts: [], labels: {}, entries: [] };
const entries = value<readonly { name: string; labels?: Record<string, string> }[]>('entries', 'list');

type Row = readonly [what: string, part: object, lines: readonly string[], full: Json, empty: Json];

describe('a part of a manifest is printed, and evaluated with full and with empty values', () => {
  it.each<Row>([
    ['text', { a: name }, ['a: {{ .Values.name | quote }}'], { a: 'n' }, { a: '' }],
    [
      'literals',
      { a: 'x', b: 1, c: null, d: 'no' },
      ['a: x', 'b: 1', 'c: null', 'd: "no"'],
      { a: 'x', b: 1, c: null, d: 'no' },
      { a: 'x', b: 1, c: null, d: 'no' },
    ],
    ['a literal empty map and list', { a: {}, b: [] }, ['a: {}', 'b: []'], { a: {}, b: [] }, { a: {}, b: [] }],
    [
      'a user map',
      { a: labels },
      ['{{- with .Values.labels }}', 'a:', '  {{- toYaml . | nindent 2 }}', '{{- end }}'],
      { a: { a: 'b' } },
      {},
    ],
    [
      'a user list',
      { a: hosts },
      ['{{- with .Values.hosts }}', 'a:', '  {{- toYaml . | nindent 2 }}', '{{- end }}'],
      { a: ['h'] },
      {},
    ],
    [
      'a map of a user map',
      { a: { b: labels } },
      ['{{- if .Values.labels }}', 'a:', '  b:', '    {{- toYaml .Values.labels | nindent 4 }}', '{{- end }}'],
      { a: { b: { a: 'b' } } },
      {},
    ],
    [
      'a map that is always there',
      { a: { b: labels, c: 1 } },
      ['a:', '  {{- with .Values.labels }}', '  b:', '    {{- toYaml . | nindent 4 }}', '  {{- end }}', '  c: 1'],
      { a: { b: { a: 'b' }, c: 1 } },
      { a: { c: 1 } },
    ],
    [
      'keepEmpty',
      { a: b.keepEmpty(labels) },
      ['a: {{ .Values.labels | default dict | toJson }}'],
      { a: { a: 'b' } },
      { a: {} },
    ],
    ['onlyWhen', { a: b.onlyWhen(on, 'x') }, ['{{- if .Values.on }}', 'a: x', '{{- end }}'], { a: 'x' }, {}],
    [
      'onlyWhen around a user list',
      { a: b.onlyWhen(on, hosts) },
      [
        '{{- if .Values.on }}',
        '{{- with .Values.hosts }}',
        'a:',
        '  {{- toYaml . | nindent 2 }}',
        '{{- end }}',
        '{{- end }}',
      ],
      { a: ['h'] },
      {},
    ],
    [
      'onlyWhen around a map of one',
      { a: b.onlyWhen(on, { b: hosts }) },
      [
        '{{- if and .Values.on .Values.hosts }}',
        'a:',
        '  b:',
        '    {{- toYaml .Values.hosts | nindent 4 }}',
        '{{- end }}',
      ],
      { a: { b: ['h'] } },
      {},
    ],
    [
      'either',
      { a: b.either<string>(on, 'x', 'z') },
      ['{{- if .Values.on }}', 'a: x', '{{- else }}', 'a: z', '{{- end }}'],
      { a: 'x' },
      { a: 'z' },
    ],
    [
      'either of three',
      { a: b.either<number>(on, 1, b.either<number>(off, 2, 3)) },
      ['{{- if .Values.on }}', 'a: 1', '{{- else if .Values.off }}', 'a: 2', '{{- else }}', 'a: 3', '{{- end }}'],
      { a: 1 },
      { a: 3 },
    ],
    [
      'items',
      { a: [name, b.onlyWhen(on, 'x')] },
      ['a:', '  - {{ .Values.name | quote }}', '  {{- if .Values.on }}', '  - x', '  {{- end }}'],
      { a: ['n', 'x'] },
      { a: [''] },
    ],
    [
      'maps in a list',
      { a: [{ b: 1, c: 2 }] },
      ['a:', '  - b: 1', '    c: 2'],
      { a: [{ b: 1, c: 2 }] },
      { a: [{ b: 1, c: 2 }] },
    ],
    [
      'splice',
      { a: ['x', b.splice(hosts)] },
      ['a:', '  - x', '  {{- with .Values.hosts }}', '  {{- toYaml . | nindent 2 }}', '  {{- end }}'],
      { a: ['x', 'h'] },
      { a: ['x'] },
    ],
    [
      'splice alone',
      { a: [b.splice(hosts)] },
      ['{{- if .Values.hosts }}', 'a:', '  {{- toYaml .Values.hosts | nindent 2 }}', '{{- end }}'],
      { a: ['h'] },
      {},
    ],
    [
      'forEach',
      { a: [b.forEach(hosts, 'host', (host) => ({ host, name }))] },
      [
        '{{- if .Values.hosts }}',
        'a:',
        '  {{- range $host := .Values.hosts }}',
        '  - host: {{ $host | quote }}',
        '    name: {{ $.Values.name | quote }}',
        '  {{- end }}',
        '{{- end }}',
      ],
      { a: [{ host: 'h', name: 'n' }] },
      {},
    ],
    [
      'mergeMaps',
      { a: b.mergeMaps({ x: 'y' }, labels) },
      ['a:', '  {{- include "c.merge" (list (dict "x" "y") .Values.labels) | nindent 2 }}'],
      { a: { x: 'y', a: 'b' } },
      { a: { x: 'y' } },
    ],
    [
      'mergeMaps of the user’s alone',
      { a: b.mergeMaps(labels) },
      ['{{- if .Values.labels }}', 'a:', '  {{- include "c.merge" (list .Values.labels) | nindent 2 }}', '{{- end }}'],
      { a: { a: 'b' } },
      {},
    ],
    [
      "mergeByKey of a helper that ends in the user's YAML, whose last line breaks count",
      { a: b.mergeByKey(entries, { by: 'name', helper: 'c.ours', ours: [{ name: 'x', labels }] }) },
      [
        'a:',
        '  {{- include "c.mergeByKey" (list "name" (include "c.ours" . | printf "%s\\n" | fromYamlArray) .Values.entries) | nindent 2 }}',
      ],
      { a: [{ name: 'x', v: 1 }] },
      { a: [{ name: 'x' }] },
    ],
    [
      'mergeByKey',
      { a: b.mergeByKey(entries, { by: 'name', helper: 'c.ours', ours: [{ name: 'x' }, { name: 'z' }] }) },
      [
        'a:',
        '  {{- include "c.mergeByKey" (list "name" (include "c.ours" . | fromYamlArray) .Values.entries) | nindent 2 }}',
      ],
      { a: [{ name: 'z' }, { name: 'x', v: 1 }] },
      { a: [{ name: 'x' }, { name: 'z' }] },
    ],
    [
      'a named map',
      { a: b.namedPart('c.m', { b: 1 }) },
      ['a:', '  {{- include "c.m" . | nindent 2 }}'],
      { a: { b: 1 } },
      { a: { b: 1 } },
    ],
    [
      'a named map that may be empty',
      { a: b.namedPart('c.m', { b: b.onlyWhen(on, 1) }) },
      ['{{- with include "c.m" . }}', 'a:', '  {{- . | nindent 2 }}', '{{- end }}'],
      { a: { b: 1 } },
      {},
    ],
    [
      'union',
      { a: b.union(hosts, b.listOf('x')) },
      ['a:', '  {{- toYaml (concat (.Values.hosts | default list) (list "x") | uniq) | nindent 2 }}'],
      { a: ['h', 'x'] },
      { a: ['x'] },
    ],
    [
      'a text',
      { a: b.text('x', ['y ', b.asJson(name)], b.linesWhen(on, 'z')) },
      ['a: |', '  x', '  y {{ .Values.name | toJson }}', '  {{- if .Values.on }}', '  z', '  {{- end }}'],
      { a: 'x\ny "n"\nz\n' },
      { a: 'x\ny ""\n' },
    ],
    [
      'a text with one of two parts',
      { a: b.text('x', b.linesEither(on, ['z'], [['y ', b.asJson(name)], 'w'])) },
      [
        'a: |',
        '  x',
        '  {{- if .Values.on }}',
        '  z',
        '  {{- else }}',
        '  y {{ .Values.name | toJson }}',
        '  w',
        '  {{- end }}',
      ],
      { a: 'x\nz\n' },
      { a: 'x\ny ""\nw\n' },
    ],
    [
      'a named text',
      { a: b.namedText('c.t', b.text('x')) },
      ['a: |', '  {{- include "c.t" . | nindent 2 }}'],
      { a: 'x\n' },
      { a: 'x\n' },
    ],
  ])('%s', (_, part, lines, whenFull, whenEmpty) => {
    expect(partLines(part)).toEqual(lines);
    expect(objectsOf({ ...part, end: 1 }, full)).toEqual([{ ...(whenFull as object), end: 1 }]);
    expect(objectsOf({ ...part, end: 1 }, empty)).toEqual([{ ...(whenEmpty as object), end: 1 }]);
  });
});

describe('what an `if` has asked is not asked again inside of it', () => {
  it.each<readonly [string, object, readonly string[]]>([
    [
      'the same condition',
      { a: b.onlyWhen(on, { b: b.onlyWhen(on, 1) }) },
      ['{{- if .Values.on }}', 'a:', '  b: 1', '{{- end }}'],
    ],
    [
      'one of both',
      { a: b.onlyWhen(b.and(on, off), { b: b.onlyWhen(off, 1) }) },
      ['{{- if and .Values.on .Values.off }}', 'a:', '  b: 1', '{{- end }}'],
    ],
    [
      'a list',
      { a: b.onlyWhen(b.isNotEmpty(hosts), { b: hosts }) },
      ['{{- if .Values.hosts }}', 'a:', '  b:', '    {{- toYaml .Values.hosts | nindent 4 }}', '{{- end }}'],
    ],
    [
      'one of two that would do',
      { a: b.onlyWhen(on, { b: [b.onlyWhen(on, 1), b.onlyWhen(off, 2)] }) },
      [
        '{{- if .Values.on }}',
        'a:',
        '  b:',
        '    - 1',
        '    {{- if .Values.off }}',
        '    - 2',
        '    {{- end }}',
        '{{- end }}',
      ],
    ],
    [
      'the opposite, after else',
      { a: b.either<object>(on, { c: 1 }, { b: b.onlyWhen(b.not(on), 1) }) },
      ['{{- if .Values.on }}', 'a:', '  c: 1', '{{- else }}', 'a:', '  b: 1', '{{- end }}'],
    ],
    [
      'that a text is there',
      { a: b.onlyWhen(b.isNotEmpty(value('s', 'string', true)), value('s', 'string', true)) },
      ['{{- if .Values.s }}', 'a: {{ .Values.s | quote }}', '{{- end }}'],
    ],
  ])('%s', (_, part, lines) => {
    expect(partLines(part)).toEqual(lines);
  });

  it('but an optional text gets its default where nobody has asked', () => {
    expect(partLines({ a: value('s', 'string', true) })).toEqual(['a: {{ .Values.s | default "" | quote }}']);
  });
});

describe('a list or map of a user’s whose keys were taken away by null', () => {
  it('counts as empty', () => {
    expect(objectsOf({ a: hosts, b: labels, c: 1 }, {})).toEqual([{ c: 1 }]);
    expect(evaluated(b.join(hosts, ','), {})).toBe('');
  });
});

describe('a line of YAML', () => {
  it('is put into several where a merge would make it too long', () => {
    const long = { a: { b: b.mergeMaps({ ['x'.repeat(60)]: 'y' }, { z: name }, labels) }, end: 1 };
    const lines = linesOf(long);
    expect(lines.every((line) => line.length <= 120)).toBe(true);
    expect(lines.slice(2, -2).map((line) => line.trim())).toEqual([
      '{{- include "c.merge" (list',
      `(dict "${'x'.repeat(60)}" "y")`,
      '(dict "z" .Values.name)',
      '.Values.labels',
    ]);
  });

  it('never holds a map with an expression in it that may come to nothing', () => {
    expect(() => linesOf({ a: b.mergeMaps({ x: hosts }), end: 1 })).toThrow(/may be empty/);
    expect(() => linesOf({ a: b.mergeMaps({ x: b.onlyWhen(on, 'y') }), end: 1 })).toThrow(/helper of its own/);
  });
});
