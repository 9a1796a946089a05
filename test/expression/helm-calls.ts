import { rmSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonMap } from '../../src/expression/json.ts';
import type { CallNode, ChooseNode, Kind, Node } from '../../src/expression/node.ts';
import { atRoot, printInline } from '../../src/expression/print.ts';
import { type Scope, evaluateValue } from '../../src/expression/evaluate.ts';
import type { HelmVersion } from '../helm/binaries.ts';
import { runHelm } from '../helm/run.ts';
import { scratchFolder } from '../helm/scratch.ts';
import { valuesText } from '../helm/values-text.ts';

/** One expression, called with many lists of arguments. */
export interface CallGroup {
  readonly label: string;
  readonly node: CallNode | ChooseNode;
  /** One list of operands a call; `node` reads them as `$call.a0`, `$call.a1`, … */
  readonly calls: readonly (readonly Json[])[];
  /** Integers come by `--set`, as int64; without it all come from a file, as float64 or json.Number. */
  readonly bySet?: boolean;
}

/** Operand number `index` of a call. */
export function operand(index: number, kind: Kind): Node {
  return { op: 'item', kind, variable: 'call', path: [`a${index}`] };
}

/** What Helm and our evaluation disagree on, at most three lines a group, and the number of calls compared. */
export function compareCalls(
  version: HelmVersion,
  groups: readonly CallGroup[],
): { readonly compared: number; readonly differences: readonly string[] } {
  const results = callInHelm(version, groups);
  const differences = groups.flatMap((group, g) => differencesOf(group, (c) => results.get(`${g} ${c}`)).slice(0, 3));
  return { compared: results.size, differences };
}

function differencesOf(group: CallGroup, helmAt: (call: number) => Json | undefined): readonly string[] {
  return group.calls.flatMap((operands, c) => {
    const helm = asText(helmAt(c));
    const ours = asText(evaluateValue(group.node, scopeOf(operands)));
    return helm === ours ? [] : [`${group.label} of ${asText(operands)}: Helm ${helm}, ours ${ours}`];
  });
}

/** Calls all groups in one Helm process: the results by `group call`. */
function callInHelm(version: HelmVersion, groups: readonly CallGroup[]): ReadonlyMap<string, Json> {
  const folder = scratchFolder('calls');
  try {
    mkdirSync(join(folder, 'templates'));
    writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: calls\nversion: 0.1.0\n');
    groups.forEach((group, g) => writeFileSync(join(folder, `templates/${g}.yaml`), template(group, g)));
    writeFileSync(
      join(folder, 'values.json'),
      valuesText({ groups: groups.map(({ calls }) => calls.map(operandMap)) }),
    );
    const set = groups.flatMap((group, g) => (group.bySet === true ? setArguments(group, g) : []));
    const run = runHelm(version, ['template', 'r', folder, '-f', join(folder, 'values.json'), ...set]);
    if (!run.ok) throw new Error(`Helm ${version} refuses a call: ${run.stderr}`);
    return new Map(
      [...run.stdout.matchAll(/^#R (\d+ \d+) (.*)$/gm)].map((match) => [match[1] ?? '', decode(match[2])]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function template(group: CallGroup, g: number): string {
  return [
    `{{- range $i, $call := index .Values.groups ${g} }}`,
    ...(group.bySet === true ? [`{{- $call = merge (index $.Values.set.g${g} $i) $call }}`] : []),
    `#R ${g} {{ $i }} {{ dict "v" (${printInline(group.node, atRoot)}) | toJson | b64enc }}`,
    '{{- end }}',
    '',
  ].join('\n');
}

/** `--set` with nothing but integers, which needs no escaping. */
function setArguments(group: CallGroup, g: number): readonly string[] {
  const entries = group.calls.flatMap((operands, c) => [
    ...operands.flatMap((value, i) =>
      Number.isSafeInteger(value) && !Object.is(value, -0) ? [`set.g${g}[${c}].a${i}=${String(value)}`] : [],
    ),
    `set.g${g}[${c}].given=true`,
  ]);
  return ['--set', entries.join(',')];
}

function operandMap(operands: readonly Json[]): JsonMap {
  return Object.fromEntries(operands.map((value, i) => [`a${i}`, value]));
}

function scopeOf(operands: readonly Json[]): Scope {
  return {
    Values: {},
    Release: { Name: 'r', Namespace: 'default', Service: 'Helm' },
    Chart: { Version: '0.1.0', AppVersion: '' },
    Capabilities: { KubeVersion: { Version: 'v1.30.0' } },
    items: new Map([['call', operandMap(operands)]]),
  };
}

function decode(base64: string | undefined): Json {
  const result = JSON.parse(Buffer.from(base64 ?? '', 'base64').toString('utf8')) as { readonly v: Json };
  return result.v;
}

/** Text that tells -0 from 0. */
function asText(value: Json | undefined): string {
  return value === undefined ? 'nothing' : valuesText(value);
}
