import { describe, expect, it } from 'vitest';
import { printChart } from '../../src/chart/files.ts';
import { chartSource } from '../../src/consonant.ts';
import { type TemplatePart, isScalarHelper, mixedLines, partsOf, pipelinesOf } from './template-parts.ts';

/** What gives a scalar of its own kind, or lines at their own depth, whatever the value. */
const encoder = /\| (quote|toJson|int64|nindent [0-9]+)$/;
/** What can't be anything but an integer, a literal, or lines of YAML. */
const harmless = /^((add|mul|div) |"(\\.|[^"\\])*"$|[0-9]+$|toYaml )/;

const templates = [...printChart(chartSource({ readme: '' }))].filter(([path]) =>
  /^templates\/.*\.(yaml|tpl)$/.test(path),
);
const parts = templates.flatMap(([path, text]) => partsOf(path, text));
const scalars = parts.filter(isScalarHelper);
const yaml = parts.filter((part) => !isScalarHelper(part) && !isProse(part));
const structures = yaml.map((part) => part.name);

/** NOTES.txt, and what `fail` says: nothing reads it as YAML. */
function isProse(part: TemplatePart): boolean {
  return /\.notes$|\.problems(\.\w+)?$|validate\.yaml$/.test(part.name);
}

function isEncoded(pipeline: string): boolean {
  const included = /^include "([^"]+)"/.exec(pipeline)?.[1];
  return encoder.test(pipeline) || harmless.test(pipeline) || (included !== undefined && structures.includes(included));
}

const printed = (part: TemplatePart): readonly string[] => pipelinesOf(part.lines).filter((text) => text !== '.');

describe('a template of the chart', () => {
  it('has parts of each sort, so that the rules below have something to say', () => {
    expect(scalars.length).toBeGreaterThan(10);
    expect(yaml.length).toBeGreaterThan(40);
    expect(yaml.flatMap(printed).length).toBeGreaterThan(200);
  });

  it('puts no value into YAML but through an encoder', () => {
    const bare = yaml.flatMap((part) =>
      printed(part)
        .filter((text) => !isEncoded(text))
        .map((text) => [part.name, text]),
    );
    expect(bare).toEqual([]);
  });

  it('holds text of ours and values in one scalar only inside a block of text, as JSON', () => {
    const mixed = yaml.flatMap(mixedLines).flatMap((line) => pipelinesOf([line]));
    expect(mixed.filter((text) => !/\| (toJson|int64)$/.test(text) && !harmless.test(text))).toEqual([]);
  });

  it('encodes the text of a scalar helper wherever it is included', () => {
    const names = scalars.map((part) => `include "${part.name}"`);
    const bare = yaml
      .flatMap(printed)
      .filter((text) => names.some((name) => text.startsWith(name)) && !encoder.test(text));
    expect(bare).toEqual([]);
  });
});

describe('the rules above', () => {
  it.each([
    'a: {{ .Values.x }}',
    'a: "{{ .Values.x }}"',
    '- {{ .Values.x | default "y" }}',
    'a: x-{{ .Values.x }}',
    'a: {{ printf "%s" .Values.x }}',
  ])('find %s', (line) => {
    const bare = pipelinesOf([line]).filter((text) => !isEncoded(text));
    expect(bare.length).toBe(1);
  });

  it('find a quoted value beside text of ours', () => {
    expect(
      mixedLines({ name: 'templates/x.yaml', lines: ['a: x-{{ .Values.x | quote }}', 'b: {{ .Values.x | quote }}'] }),
    ).toEqual(['a: x-{{ .Values.x | quote }}']);
  });
});
