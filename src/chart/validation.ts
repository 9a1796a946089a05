import { goString } from '../expression/go.ts';
import { type Kind, node } from '../expression/node.ts';
import { atRoot, printNegation } from '../expression/print.ts';
import type { ChartDefinition } from '../manifest/definition.ts';
import { verbatim } from '../manifest/yaml.ts';
import { unsafeGuards } from '../schema/characters.ts';
import { declaredKeys } from '../schema/defaults.ts';
import { missingAdvice } from '../schema/parse.ts';

/** The helper that says what is wrong with the values, a line each; empty when nothing is. */
export function problemsName(chart: Pick<ChartDefinition, 'name'>): string {
  return `${chart.name}.problems`;
}

/** The helpers behind validate.yaml: what the schema can't say. */
export function printValidation(chart: ChartDefinition): ReadonlyMap<string, string> {
  const name = problemsName(chart);
  const shape = `${name}.shape`;
  const rules = `${name}.rules`;
  const all = [
    ...unsafeGuards.flatMap(({ condition, message }) => problemLines(condition, message)),
    `{{- $shape := include ${goString(shape)} . }}`,
    '{{- $shape }}',
    '{{- if not $shape }}',
    `{{- include ${goString(rules)} . }}`,
    '{{- end }}',
  ];
  return new Map([
    [
      shape,
      defineLoose(
        shape,
        shapeLines(chart),
        'Keys that are gone or hold the wrong kind of value, so that no template can read them.',
      ),
    ],
    [rules, defineLoose(rules, ruleLines(chart), 'Combinations of values that make no sense.')],
    [name, defineLoose(name, all, "Everything that is wrong with the values and that the schema can't say.")],
  ]);
}

/** Without `-}}` at the start: each problem begins with its own line break. */
function defineLoose(name: string, lines: readonly string[], comment: string): string {
  return [`{{/* ${comment} */}}`, `{{- define ${goString(name)} }}`, ...lines, '{{- end }}'].join('\n');
}

function ruleLines(chart: ChartDefinition): readonly string[] {
  return chart.rules.flatMap((rule) => problemLines(printNegation(rule.holds[node], atRoot), rule.message));
}

function problemLines(condition: string, message: string): readonly string[] {
  return [`{{- if ${condition} }}`, `- ${verbatim(message)}`, '{{- end }}'];
}

/** Template conditions under which `$value` is of a kind. Numbers are float64, int64 or, with Helm 3.18, json.Number. */
const kindTests: Readonly<Record<Kind, string>> = {
  map: 'kindIs "map" $value',
  list: 'kindIs "slice" $value',
  string: 'typeIs "string" $value',
  boolean: 'kindIs "bool" $value',
  integer: 'has (typeOf $value) (list "float64" "int64" "int" "json.Number")',
  number: 'has (typeOf $value) (list "float64" "int64" "int" "json.Number")',
  scalar: 'not (or (kindIs "map" $value) (kindIs "slice" $value))',
};

/** `--skip-schema-validation` asks for none of this: without it a wrong shape would end in half an object. */
function shapeLines(chart: ChartDefinition): readonly string[] {
  const keys = declaredKeys(chart.schema.json);
  const used = [...new Set(keys.map((key) => key.kind))];
  return [
    '{{- range $path, $about := dict',
    ...keys.map(({ path, kind, presence }) => `      ${goString(path)} ${goString(`${presence} ${kind}`)}`),
    '}}',
    '{{- $presence := index (splitList " " $about) 0 }}',
    '{{- $kind := index (splitList " " $about) 1 }}',
    '{{- $keys := splitList "." $path }}',
    '{{- $parent := $.Values }}',
    '{{- range $key := initial $keys }}',
    '{{- if kindIs "map" $parent }}{{ $parent = index $parent $key }}{{ end }}',
    '{{- end }}',
    '{{- if kindIs "map" $parent }}',
    '{{- $value := index $parent (last $keys) }}',
    '{{- if kindIs "invalid" $value }}',
    '{{- if eq $presence "required" }}',
    `- \`{{ $path }}\` ${missingAdvice.required}`,
    '{{- else if eq $presence "defaulted" }}',
    `- \`{{ $path }}\` ${missingAdvice.defaulted}`,
    '{{- end }}',
    ...used.flatMap((kind) => [
      `{{- else if and (eq $kind ${goString(kind)}) (not (${kindTests[kind]})) }}`,
      `- \`{{ $path }}\` must be ${article(kind)}`,
    ]),
    '{{- end }}',
    '{{- end }}',
    '{{- end }}',
  ];
}

function article(kind: Kind): string {
  const names: Readonly<Partial<Record<Kind, string>>> = {
    string: 'a text',
    integer: 'an integer',
    scalar: 'a text or number',
  };
  return names[kind] ?? `a ${kind}`;
}
