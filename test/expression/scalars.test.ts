import { describe, expect, it } from 'vitest';
import { printChart } from '../../src/chart/files.ts';
import { chartSource } from '../../src/consonant.ts';

/** A `define`, or a whole file's own lines. */
interface Part {
  readonly name: string;
  readonly lines: readonly string[];
}

const action = /\{\{-?\s*((?:"(?:[^"\\]|\\.)*"|[^"])*?)\s*-?\}\}/g;
const control = /^(if|else|end|range|with|define|\/\*|\$\w+ :?=)/;
/** What gives YAML of its own kind, whatever the value. */
const encoder = /\| (quote|toJson|int64|nindent [0-9]+)$/;
/** Integer arithmetic, and literals. */
const harmless = /^((add|mul|div) |"[^"]*"$|[0-9]+$)/;

const templates = [...printChart(chartSource({ readme: '' }))].filter(([path]) => /\.(yaml|tpl)$/.test(path));
const parts = templates.filter(([path]) => path.startsWith('templates/')).flatMap(([path, text]) => partsOf(path, text));

/** Prose for people: NOTES.txt, and what `fail` says. Nothing reads it as YAML. */
function isProse(part: Part): boolean {
  return /\.(notes|problems(\.\w+)?)$|validate\.yaml$/.test(part.name);
}

/** A helper whose body is one scalar, or pieces of one: whoever includes it encodes it. */
function isScalarHelper(part: Part): boolean {
  const body = part.lines.filter((line) => line.trim() !== '');
  return part.name.includes('.') && !part.name.endsWith('.yaml') && body.every((line) => /^\{\{/.test(line)) && !isStructure(part);
}
function isStructure(part: Part): boolean {
  return pipelines(part.lines).some((text) => /\| nindent [0-9]+$|^toYaml /.test(text)) || pipelines(part.lines).length === 0;
}

function pipelines(lines: readonly string[]): string[] {
  return [...lines.join('\n').matchAll(action)].map((match) => match[1] ?? '').filter((text) => !control.test(text));
}

function partsOf(path: string, text: string): readonly Part[] {
  const defines = [...text.matchAll(/^\{\{- define "([^"]+)" -?\}\}\n(.*?)^\{\{- end \}\}$(?=\n\n|\n$|\n*$(?![^]))/gms)];
  if (defines.length === 0) return [{ name: path, lines: text.split('\n').slice(1) }];
  return defines.map((match) => ({ name: match[1] ?? '', lines: (match[2] ?? '').split('\n') }));
}

/** Pipelines, of any part, that give the helper's text as it is. */
function bareUses(helper: string): readonly string[] {
  const start = `include "${helper}" `;
  return parts
    .filter((part) => !isProse(part) && !isScalarHelper(part))
    .flatMap((part) => pipelines(part.lines))
    .filter((text) => text.startsWith(start) && !encoder.test(text));
}

describe('a template of the chart', () => {
  it('is read by this test in parts of each sort', () => {
    expect(parts.filter(isProse).length).toBeGreaterThan(2);
    expect(parts.filter(isScalarHelper).length).toBeGreaterThan(10);
    expect(parts.filter((part) => !isProse(part) && !isScalarHelper(part)).length).toBeGreaterThan(30);
  });

  it('puts no value into YAML but through an encoder', () => {
    const bare = parts
      .filter((part) => !isProse(part) && !isScalarHelper(part) && !/\.merge(ByKey)?$/.test(part.name))
      .flatMap((part) => pipelines(part.lines).map((text) => `${part.name}: ${text}`))
      .filter((text) => {
        const pipeline = text.slice(text.indexOf(': ') + 2);
        return !encoder.test(pipeline) && !harmless.test(pipeline) && !/^toYaml /.test(pipeline);
      });
    expect(bare).toEqual([]);
  });

  it('has a scalar on its line alone: one action or literal text, never a mixture', () => {
    const mixed = parts
      .filter((part) => !isProse(part) && !isScalarHelper(part))
      .flatMap((part) => part.lines)
      .filter((line) => /^\s*(- )*("(\\.|[^"\\])*"|[^\s"{#-][^\s:]*):? .*\{\{/.test(line) && !/^\s*(- )*("(\\.|[^"\\])*"|[^\s"{]+: |)(\S+: )?\{\{ [^{}]*("[^"]*"[^{}]*)* \}\}$/.test(line));
    expect(mixed.filter((line) => !/\| (toJson|int64) \}\}/.test(line))).toEqual([]);
  });

  it('encodes what a scalar helper gives wherever it is included', () => {
    const names = parts.filter((part) => isScalarHelper(part)).map((part) => part.name);
    expect(names.flatMap(bareUses)).toEqual([]);
  });
});
