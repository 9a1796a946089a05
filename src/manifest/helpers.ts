import { goString } from '../expression/go.ts';
import { negate } from '../expression/negate.ts';
import type { ChooseNode, NamedNode, Node } from '../expression/node.ts';
import {
  type PrintContext,
  atRoot,
  printCondition,
  printInline,
  printPresent,
  printScalar,
  withGiven,
} from '../expression/print.ts';
import { childrenOf, everyNode } from '../expression/walk.ts';
import { newBlock } from './block.ts';
import { printBody } from './print.ts';
import { printYamlText } from './text.ts';
import { literalBeforeAction } from './yaml.ts';

/** The `define` blocks that a set of manifests and conditions needs, by name, those used by others first. */
export function printHelpers(chart: string, nodes: readonly Node[]): ReadonlyMap<string, string> {
  const helpers = new Map<string, string>();
  for (const of of nodes) {
    for (const part of everyNode(of)) {
      if (part.op === 'named') addHelper(helpers, part, chart);
      if (part.op === 'mergeMaps') addText(helpers, `${chart}.merge`, mergeMapsHelper(chart));
      if (part.op === 'mergeByKey') addText(helpers, `${chart}.mergeByKey`, mergeByKeyHelper(chart));
    }
  }
  return helpers;
}

function addHelper(helpers: Map<string, string>, of: NamedNode, chart: string): void {
  // Helm knows a helper by its name in every chart beside and below this one too: the last one would win.
  if (!of.name.startsWith(`${chart}.`))
    throw new TypeError(`the name of the helper ${of.name} must start with ${chart}.`);
  const variable = outerVariable(of, []);
  if (variable !== undefined) throw new TypeError(`the helper ${of.name} can't see $${variable} of the loop around it`);
  addText(helpers, of.name, define(of.name, printNamedBody(of, chart)));
}

/** Throws where another helper has the name. */
export function addText(helpers: Map<string, string>, name: string, text: string): void {
  const before = helpers.get(name);
  if (before !== undefined && before !== text) throw new TypeError(`two helpers are called ${name}`);
  helpers.set(name, text);
}

/** A loop's variable that is used below a node whose loop stands above it. */
function outerVariable(of: Node, inner: readonly string[]): string | undefined {
  if (of.op === 'item') return inner.includes(of.variable) ? undefined : of.variable;
  const variables = of.op === 'forEach' ? [...inner, of.variable] : inner;
  return childrenOf(of)
    .map((child) => outerVariable(child, variables))
    .find((variable) => variable !== undefined);
}

/** `{{- define "name" -}}` … `{{- end }}` */
export function define(name: string, lines: readonly string[], comment?: string): string {
  const head = comment === undefined ? [] : [`{{/* ${comment} */}}`];
  return [...head, `{{- define ${goString(name)} -}}`, ...lines, '{{- end }}'].join('\n');
}

function printNamedBody(of: NamedNode, chart: string): readonly string[] {
  const block = newBlock(chart);
  if (of.body.op === 'text') printYamlText(of.body, block);
  else if (of.kind === 'map' || of.kind === 'list') printBody(of.body, block);
  else block.lines.push(...printScalarBody(of.body));
  return block.lines;
}

/** A helper's scalar is text that `include` gives to its user, who encodes it. */
function printScalarBody(of: Node, context = atRoot, keyword = 'if'): readonly string[] {
  if (of.kind === 'boolean') return [`{{- if ${printCondition(of, context)} }}true{{ end }}`];
  if (of.op === 'choose') return printChoice(of, context, keyword);
  if (of.op === 'call' && of.fn === 'concat' && of.args.some((arg) => arg.op === 'choose')) {
    return [printRun(of, context)];
  }
  return [of.kind === 'integer' ? `{{- ${printInteger(of, context)} }}` : `{{- ${printPresent(of, context)} }}`];
}

function printChoice(of: ChooseNode, context: PrintContext, keyword: string): readonly string[] {
  const [then, otherwise] = branchContexts(of, context);
  const head = `{{- ${keyword} ${printCondition(of.condition, context)} }}`;
  const first = [head, ...printScalarBody(of.then, then).map(withoutLineBreak)];
  if (of.otherwise.op === 'choose') return [...first, ...printScalarBody(of.otherwise, otherwise, 'else if')];
  const last = printScalarBody(of.otherwise, otherwise).map(withoutLineBreak);
  return [...first, '{{- else }}', ...last, '{{- end }}'];
}

/** A line of a helper's scalar that leaves no line break before it. */
function withoutLineBreak(line: string): string {
  if (line.startsWith('{{-')) return line;
  return line.startsWith('{{ ') ? `{{- ${line.slice(3)}` : `{{- "" }}${line}`;
}

function branchContexts(of: ChooseNode, context: PrintContext): readonly [then: PrintContext, otherwise: PrintContext] {
  return [withGiven(context, of.condition), withGiven(context, negate(of.condition))];
}

/** `{{ a }}/{{ b }}{{ if c }}…{{ end }}` on one line. */
function printRun(of: Node, context: PrintContext): string {
  if (of.op === 'literal') return printRunLiteral(String(of.value));
  if (of.op === 'call' && of.fn === 'concat') return of.args.map((arg) => printRun(arg, context)).join('');
  if (of.op === 'choose') {
    const [then, otherwise] = branchContexts(of, context);
    const condition = printCondition(of.condition, context);
    const last = printRun(of.otherwise, otherwise);
    return `{{ if ${condition} }}${printRun(of.then, then)}${last === '' ? '' : `{{ else }}${last}`}{{ end }}`;
  }
  return of.kind === 'string' ? `{{ ${printPresent(of, context)} }}` : (printScalar(of, context) ?? '');
}

/** Blank space at an end of the helper would be trimmed away. */
function printRunLiteral(text: string): string {
  return /^\s|\s$/.test(text) ? `{{ ${goString(text)} }}` : literalBeforeAction(text);
}

function printInteger(of: Node, context: PrintContext): string {
  const text = printInline(of, context);
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
