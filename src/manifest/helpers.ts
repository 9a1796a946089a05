import { goString } from '../expression/go.ts';
import type { ChooseNode, NamedNode, Node } from '../expression/node.ts';
import { atRoot, printCondition, printInline, printScalar } from '../expression/print.ts';
import { everyNode } from '../expression/walk.ts';
import { newBlock, printBody } from './print.ts';
import { printTextLines } from './text.ts';
import { verbatim } from './yaml.ts';

/** The `define` blocks that a set of manifests and conditions needs, by name, those used by others first. */
export function printHelpers(chart: string, nodes: readonly Node[]): ReadonlyMap<string, string> {
  const helpers = new Map<string, string>();
  for (const of of nodes) {
    for (const part of everyNode(of)) {
      if (part.op === 'named') addHelper(helpers, part, chart);
      if (part.op === 'mergeMaps') helpers.set(`${chart}.merge`, mergeMapsHelper(chart));
      if (part.op === 'mergeByKey') helpers.set(`${chart}.mergeByKey`, mergeByKeyHelper(chart));
    }
  }
  return helpers;
}

function addHelper(helpers: Map<string, string>, of: NamedNode, chart: string): void {
  const text = define(of.name, printNamedBody(of, chart));
  const before = helpers.get(of.name);
  if (before !== undefined && before !== text) throw new TypeError(`two helpers are called ${of.name}`);
  helpers.set(of.name, text);
}

/** `{{- define "name" -}}` … `{{- end }}` */
export function define(name: string, lines: readonly string[], comment?: string): string {
  const head = comment === undefined ? [] : [`{{/* ${comment} */}}`];
  return [...head, `{{- define ${goString(name)} -}}`, ...lines, '{{- end }}'].join('\n');
}

function printNamedBody(of: NamedNode, chart: string): readonly string[] {
  const block = newBlock(chart);
  if (of.body.op === 'text') printTextLines(of.body, block);
  else if (of.kind === 'map' || of.kind === 'list') printBody(of.body, block);
  else block.lines.push(...printScalarBody(of.body));
  return block.lines;
}

/** A helper's scalar is text that `include` gives to its user, who encodes it. */
function printScalarBody(of: Node, keyword = 'if'): readonly string[] {
  if (of.kind === 'boolean') return [`{{- if ${printCondition(of, atRoot)} }}true{{ end }}`];
  if (of.op === 'choose') return printChoice(of, keyword);
  if (of.op === 'call' && of.fn === 'concat' && of.args.some((arg) => arg.op === 'choose')) return [printRun(of)];
  return [of.kind === 'integer' ? `{{- ${printInteger(of)} }}` : `{{- ${printInline(of, atRoot)} }}`];
}

function printChoice(of: ChooseNode, keyword: string): readonly string[] {
  const head = `{{- ${keyword} ${printCondition(of.condition, atRoot)} }}`;
  if (of.otherwise.op === 'choose') {
    return [head, ...printScalarBody(of.then), ...printScalarBody(of.otherwise, 'else if')];
  }
  return [head, ...printScalarBody(of.then), '{{- else }}', ...printScalarBody(of.otherwise), '{{- end }}'];
}

/** `{{ a }}/{{ b }}{{ if c }}…{{ end }}` on one line. */
function printRun(of: Node): string {
  if (of.op === 'literal') return printRunLiteral(String(of.value));
  if (of.op === 'call' && of.fn === 'concat') return of.args.map(printRun).join('');
  if (of.op === 'choose') {
    return `{{ if ${printCondition(of.condition, atRoot)} }}${printRun(of.then)}{{ else }}${printRun(of.otherwise)}{{ end }}`;
  }
  return of.kind === 'string' ? `{{ ${printInline(of, atRoot)} }}` : (printScalar(of, atRoot) ?? '');
}

/** Blank space at an end of the helper would be trimmed away, and `{` would become part of the next action. */
function printRunLiteral(text: string): string {
  return /^\s|[\s{]$/.test(text) ? `{{ ${goString(text)} }}` : verbatim(text);
}

function printInteger(of: Node): string {
  const text = printInline(of, atRoot);
  return of.op === 'reference' || of.op === 'item' ? `${text} | int64` : text;
}

function mergeMapsHelper(chart: string): string {
  const body = [
    '{{- $merged := dict }}',
    '{{- range $map := . }}',
    '{{- range $key, $value := $map }}',
    '{{- $_ := set $merged $key $value }}',
    '{{- end }}',
    '{{- end }}',
    '{{- toYaml $merged }}',
  ];
  return define(`${chart}.merge`, body, 'One map from several: of equal keys the last one wins.');
}

function mergeByKeyHelper(chart: string): string {
  const body = [
    '{{- $key := index . 0 }}',
    '{{- $theirs := dict }}',
    '{{- range $entry := index . 2 }}',
    '{{- $_ := set $theirs (get $entry $key) $entry }}',
    '{{- end }}',
    '{{- $merged := list }}',
    '{{- range $entry := index . 1 }}',
    '{{- if not (hasKey $theirs (get $entry $key)) }}',
    '{{- $merged = append $merged $entry }}',
    '{{- end }}',
    '{{- end }}',
    '{{- range $entry := index . 2 }}',
    '{{- with get $theirs (get $entry $key) }}',
    '{{- $merged = append $merged . }}',
    '{{- $_ := unset $theirs (get $entry $key) }}',
    '{{- end }}',
    '{{- end }}',
    '{{- toYaml $merged }}',
  ];
  return define(
    `${chart}.mergeByKey`,
    body,
    "Our list and the user's in one, each key once: an entry of the user's replaces ours.",
  );
}
