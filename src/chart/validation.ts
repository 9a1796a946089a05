import { goString } from '../expression/go.ts';
import { node } from '../expression/node.ts';
import { atRoot, printNegation } from '../expression/print.ts';
import type { ChartDefinition } from '../manifest/definition.ts';
import { define } from '../manifest/helpers.ts';
import { verbatim } from '../manifest/yaml.ts';
import { unsafeGuards } from '../schema/characters.ts';
import { indispensablePaths } from '../schema/defaults.ts';
import { missingAdvice } from '../schema/parse.ts';

/** The helper that says what is wrong with the values, a line each; empty when nothing is. */
export function problemsName(chart: Pick<ChartDefinition, 'name'>): string {
  return `${chart.name}.problems`;
}

/** The helpers behind validate.yaml: what the schema can't say. */
export function printValidation(chart: ChartDefinition): ReadonlyMap<string, string> {
  const name = problemsName(chart);
  const missing = `${name}.missing`;
  const rules = `${name}.rules`;
  const all = [
    ...unsafeGuards.flatMap(({ condition, message }) => problemLines(condition, message)),
    `{{- $missing := include ${goString(missing)} . }}`,
    `{{- $missing }}`,
    '{{- if not $missing }}',
    `{{- include ${goString(rules)} . }}`,
    '{{- end }}',
  ];
  return new Map([
    [
      missing,
      define(missing, missingLines(chart), 'Keys that have a default and are gone, so that no template can read them.'),
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

function missingLines(chart: ChartDefinition): readonly string[] {
  const paths = indispensablePaths(chart.schema.json).map((path) => path.join('.'));
  return [
    '{{- range $path := list',
    ...paths.map((path) => `      ${goString(path)}`),
    '}}',
    '{{- $keys := splitList "." $path }}',
    '{{- $parent := $.Values }}',
    '{{- range $key := initial $keys }}',
    '{{- $parent = get ($parent | default dict) $key }}',
    '{{- end }}',
    '{{- if and (kindIs "map" $parent) (kindIs "invalid" (index $parent (last $keys))) }}',
    `- \`{{ $path }}\` ${missingAdvice}`,
    '{{- end }}',
    '{{- end }}',
  ];
}
