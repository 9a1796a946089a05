import { goString } from '../expression/go.ts';
import { type Kind, node } from '../expression/node.ts';
import { atRoot, printNegation } from '../expression/print.ts';
import type { ChartDefinition } from '../manifest/definition.ts';
import { verbatim } from '../manifest/yaml.ts';
import { unsafeGuards } from '../schema/characters.ts';
import { declaredKeys } from '../schema/defaults.ts';
import { type GuardedKey, guardedKeys } from '../schema/guards.ts';
import { missingAdvice } from '../schema/parse.ts';

/** The helper that says what is wrong with the values, a line each; empty when nothing is. */
export function problemsName(chart: Pick<ChartDefinition, 'name'>): string {
  return `${chart.name}.problems`;
}

/** The helpers behind validate.yaml: what the schema can't say, or not well. */
export function printValidation(chart: ChartDefinition): ReadonlyMap<string, string> {
  const name = problemsName(chart);
  const unsafe = unsafeGuards.flatMap(({ condition, message }) => problemLines(condition, message));
  const parts: readonly (readonly [suffix: string, lines: readonly string[], comment: string])[] = [
    ['characters', unsafe, "What can't be carried from values to manifests."],
    ['shape', shapeLines(chart), 'Keys that are gone, or hold a value of the wrong kind.'],
    ['formats', formatLines(chart), 'Texts whose form is checked here, with words that say what it is.'],
    ['rules', ruleLines(chart), 'Combinations of values that make no sense.'],
  ];
  const all = firstOf(parts.map(([suffix]) => `${name}.${suffix}`));
  return new Map([
    ...parts.map(
      ([suffix, lines, comment]) => [`${name}.${suffix}`, define(`${name}.${suffix}`, lines, comment)] as const,
    ),
    [name, define(name, all, "Everything that is wrong with the values and that the schema can't say.")],
  ]);
}

/** Each speaks only when those before it have nothing to say: they read what those have checked. */
function firstOf([first, ...rest]: readonly string[]): readonly string[] {
  if (first === undefined) return [];
  return [`{{- with include ${goString(first)} . }}`, '{{- . }}', '{{- else }}', ...firstOf(rest), '{{- end }}'];
}

/** Without `-}}` at the start: each problem begins with its own line break. */
function define(name: string, lines: readonly string[], comment: string): string {
  return [`{{/* ${comment} */}}`, `{{- define ${goString(name)} }}`, ...lines, '{{- end }}'].join('\n');
}

function formatLines(chart: ChartDefinition): readonly string[] {
  const keys = guardedKeys(chart.schema.json);
  const patterns = [...new Set(keys.map((key) => key.pattern))];
  return [
    ...patterns.map((pattern, i) => `{{- $form${i + 1} := ${goString(pattern)} }}`),
    ...keys.flatMap((key) => formatGuard(key, `$form${patterns.indexOf(key.pattern) + 1}`)),
  ];
}

function formatGuard({ path, isList, maxLength, message }: GuardedKey, form: string): readonly string[] {
  const wrong = (text: string): string => {
    const misses = `not (regexMatch ${form} ${text})`;
    return maxLength === undefined ? misses : `or (${misses}) (gt (len ${text}) ${maxLength})`;
  };
  if (!isList) return problemLines(wrong(`(.Values.${path} | default "")`), `\`${path}\` ${message}`);
  return [
    `{{- range $i, $item := .Values.${path} }}`,
    `{{- if ${wrong('(toString $item)')} }}`,
    `- \`${path}[{{ $i }}]\` ${message}`,
    '{{- end }}',
    '{{- end }}',
  ];
}

function ruleLines(chart: ChartDefinition): readonly string[] {
  return chart.rules.flatMap((rule) => problemLines(printNegation(rule.holds[node], atRoot), rule.message));
}

function problemLines(condition: string, message: string): readonly string[] {
  return [`{{- if ${condition} }}`, `- ${verbatim(message)}`, '{{- end }}'];
}

/** Conditions under which `$value` is of another kind. Numbers are float64, int64 or, with Helm 3.18, json.Number. */
const notNumeric = 'not (has (typeOf $value) (list "float64" "int64" "int" "json.Number"))';
const kindTests: Readonly<Record<Kind, string>> = {
  map: 'not (kindIs "map" $value)',
  list: 'not (kindIs "slice" $value)',
  string: 'not (typeIs "string" $value)',
  boolean: 'not (kindIs "bool" $value)',
  integer: `or (${notNumeric}) (ne (float64 $value) (floor $value))`,
  number: notNumeric,
  scalar: 'or (kindIs "map" $value) (kindIs "slice" $value)',
};

/** Missing keys and the kind of each declared one: `--skip-schema-validation` asks for neither. */
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
      `{{- else if and (eq $kind ${goString(kind)}) (${kindTests[kind]}) }}`,
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
    scalar: 'a single value',
  };
  return names[kind] ?? `a ${kind}`;
}
