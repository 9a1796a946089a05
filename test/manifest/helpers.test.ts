import { describe, expect, it } from 'vitest';
import * as b from '../../src/expression/build.ts';
import { evaluated, helpersOf, hosts, labels, name, off, on, value } from './printed.ts';

const helper = (manifest: unknown, key: string): string | undefined => helpersOf(manifest).get(key);
const suffix = value<string>('suffix', 'string', true);

describe('a helper', () => {
  it.each<readonly [what: string, body: unknown, lines: readonly string[]]>([
    ['of text', b.concat(name, '-x'), ['{{- printf "%s-x" .Values.name }}']],
    ['of optional text', suffix, ['{{- .Values.suffix | default "" }}']],
    ['of an integer', b.add(1, 2), ['{{- add 1 2 }}']],
    ['of an integer value', value<number>('n', 'integer'), ['{{- .Values.n | int64 }}']],
    ['of a condition', b.and(on, off), ['{{- if and .Values.on .Values.off }}true{{ end }}']],
    [
      'of a choice',
      b.choose(on, name, 'x'),
      ['{{- if .Values.on }}', '{{- .Values.name }}', '{{- else }}', '{{- "x" }}', '{{- end }}'],
    ],
    [
      'of a choice of three',
      b.choose(on, name, b.choose<string>(off, 'x', 'y')),
      [
        '{{- if .Values.on }}',
        '{{- .Values.name }}',
        '{{- else if .Values.off }}',
        '{{- "x" }}',
        '{{- else }}',
        '{{- "y" }}',
        '{{- end }}',
      ],
    ],
    [
      'of a choice that asks for its text',
      b.choose(b.isNotEmpty(suffix), suffix, 'x'),
      ['{{- if .Values.suffix }}', '{{- .Values.suffix }}', '{{- else }}', '{{- "x" }}', '{{- end }}'],
    ],
    [
      'of text with a choice in it',
      b.concat(name, '/{', b.choose(on, '@', suffix), ' '),
      ['{{ .Values.name }}/{{ "{" }}{{ if .Values.on }}@{{ else }}{{ .Values.suffix | default "" }}{{ end }}{{ " " }}'],
    ],
    [
      'of such text in a choice',
      b.choose(off, b.concat('a', b.choose<string>(on, 'b', 'c')), 'd'),
      [
        '{{- if .Values.off }}',
        '{{- "" }}a{{ if .Values.on }}b{{ else }}c{{ end }}',
        '{{- else }}',
        '{{- "d" }}',
        '{{- end }}',
      ],
    ],
    [
      'of a map',
      { a: name, b: labels },
      [
        'a: {{ .Values.name | quote }}',
        '{{- with .Values.labels }}',
        'b:',
        '  {{- toYaml . | nindent 2 }}',
        '{{- end }}',
      ],
    ],
    [
      'of a merged map',
      b.mergeMaps({ a: 'b' }, labels),
      ['{{- include "c.merge" (list (dict "a" "b") .Values.labels) }}'],
    ],
    [
      'of a list',
      [name, b.splice(hosts)],
      ['- {{ .Values.name | quote }}', '{{- with .Values.hosts }}', '{{- toYaml . | nindent 0 }}', '{{- end }}'],
    ],
  ])('%s', (_, body, lines) => {
    const printed = helper({ a: b.namedPart('c.h', body) }, 'c.h');
    expect(printed?.split('\n')).toEqual(['{{- define "c.h" -}}', ...lines, '{{- end }}']);
  });

  it('stands before those that use it, once', () => {
    const inner = b.named('c.inner', name);
    const outer = b.named('c.outer', b.concat(inner, inner));
    expect([...helpersOf({ a: outer, b: inner }).keys()]).toEqual(['c.inner', 'c.outer']);
  });

  it('has a name of its own', () => {
    expect(() => helpersOf({ a: b.named('c.x', name), b: b.named('c.x', suffix) })).toThrow(
      'two helpers are called c.x',
    );
  });

  it('comes with the merge helpers that manifests need, and only then', () => {
    expect([...helpersOf({ a: b.mergeMaps(labels) }).keys()]).toEqual(['c.merge']);
    expect([
      ...helpersOf({
        a: b.mergeByKey(value<readonly { name: string }[]>('e', 'list'), { by: 'name', helper: 'c.o', ours: [] }),
      }).keys(),
    ]).toEqual(['c.o', 'c.mergeByKey']);
    expect([...helpersOf({ a: labels }).keys()]).toEqual([]);
  });

  it('can not see the variable of a loop around it', () => {
    const item = b.forEach(hosts, 'host', (host) => b.named('c.h', b.concat(host, 'x')));
    expect(() => helpersOf({ a: [item] })).toThrow("the helper c.h can't see $host of the loop around it");
  });

  it('can hold a loop of its own', () => {
    const part = b.namedPart<string[]>('c.h', [b.forEach(hosts, 'host', (host) => b.concat(host, 'x'))]);
    expect(helper({ a: part }, 'c.h')).toContain('- {{ printf "%sx" $host | quote }}');
    expect(evaluated(part, { hosts: ['a'] })).toEqual(['ax']);
  });
});
