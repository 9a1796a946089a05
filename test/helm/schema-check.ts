import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inBatches, renderBatch, schemaProblems, type ManyOptions } from './batches.ts';
import type { HelmVersion } from './binaries.ts';
import { isJsonMap, type Json, type JsonMap } from './json.ts';
import { readWithGo } from './objects.ts';
import { errorOf, runHelm } from './run.ts';
import { scratchFolder } from './scratch.ts';
import { helmTemplate, templateArgs } from './template.ts';
import { replaceTemplates, writeUmbrella } from './umbrella.ts';
import { valuesText } from './values-text.ts';

/** What Helm says about each document, by its index; undefined: nothing. */
type Refusals = readonly (string | undefined)[];

/** Helm 3 stops at some of these before it looks at the schema, and then names no document. */
const troubleInYaml = /[\x7f-\x9f\u2028\u2029\ufffe\uffff]|"<<":/;

/**
 * What Helm's schema check says about each document; undefined where it accepts. Helm compiles a schema anew for
 * every subchart (20 ms for one of 60 KB), therefore one chart holds all documents and their common schema here.
 * `ownSchemaRefusals` says the same the slow way, with a subchart for each.
 */
export function schemaRefusals(
  version: HelmVersion,
  chart: string,
  documents: readonly Json[],
  options: Partial<ManyOptions> = {},
): (string | undefined)[] {
  const maps = documents.map((document) => (document === null ? {} : document));
  const isPlain = (document: Json): document is JsonMap =>
    isJsonMap(document) && !troubleInYaml.test(JSON.stringify(document));
  const refusals: (string | undefined)[] = maps.map((document) =>
    isJsonMap(document) ? undefined : refusalOfFile(version, chart, document),
  );
  const spread = (indexes: readonly number[], found: Refusals): void =>
    found.forEach((refusal, at) => (refusals[indexes[at] ?? -1] = refusal));
  const plain = [...maps.keys()].filter((index) => isPlain(maps[index] ?? null));
  const odd = [...maps.keys()].filter((index) => isJsonMap(maps[index]) && !plain.includes(index));
  const mapsAt = (indexes: readonly number[]): JsonMap[] => indexes.map((index) => maps[index] as JsonMap);
  if (!existsSync(join(chart, 'values.schema.json'))) return refusals;
  const [defaults = {}] = readWithGo(version, [readFileSync(join(chart, 'values.yaml'), 'utf8')]);
  spread(
    plain,
    inBatches(mapsAt(plain), options, (batch) => checkTogether(version, chart, defaults, batch)),
  );
  spread(odd, ownSchemaRefusals(version, chart, mapsAt(odd), options));
  return refusals;
}

/** As `schemaRefusals`, with one subchart and one copy of the schema for each document: what a parent chart does. */
export function ownSchemaRefusals(
  version: HelmVersion,
  chart: string,
  documents: readonly JsonMap[],
  options: Partial<ManyOptions> = {},
): (string | undefined)[] {
  const folder = scratchFolder('schema');
  writeUmbrella(folder, chart, []);
  replaceTemplates(folder, chart);
  const umbrella = {
    version,
    folder,
    chart,
    options: { release: { name: 'release', namespace: 'default' }, ...options },
  };
  const outcomes = inBatches(documents, options, (batch) => renderBatch(umbrella, batch));
  rmSync(folder, { recursive: true, force: true });
  return outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.message : undefined));
}

function checkTogether(version: HelmVersion, chart: string, defaults: Json, documents: readonly JsonMap[]): Refusals {
  const folder = scratchFolder('schema');
  try {
    writeTogether(
      folder,
      chart,
      documents.map(() => defaults),
      version,
    );
    const file = join(folder, 'given.json');
    writeFileSync(file, valuesText(byAlias(documents)));
    const release = { name: 'release', namespace: 'default' };
    const run = runHelm(version, templateArgs({ chart: join(folder, 'chart'), release }, [file]));
    if (run.ok) return documents.map(() => undefined);
    const messages = messagesByAlias(schemaProblems(errorOf(run.stderr)) ?? '');
    if (messages.size === 0) throw new Error(`Helm ${version} names no document: ${errorOf(run.stderr)}`);
    return documents.map((_, index) => messages.get(`d${index}`)?.join('\n'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A chart whose values are `d0`, `d1`, …, each with the chart's defaults and under the chart's schema. */
function writeTogether(folder: string, chart: string, defaults: readonly Json[], version: HelmVersion): void {
  mkdirSync(join(folder, 'chart/templates'), { recursive: true });
  const { $schema, ...schema } = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8')) as JsonMap;
  if (JSON.stringify(schema).includes('"$ref"')) throw new Error('a schema with `$ref` can only be checked by itself');
  // Helm 4 tells of a wrong key without saying where, unless something around it failed too.
  const each: JsonMap = version.startsWith('4') ? { anyOf: [schema] } : schema;
  const together: JsonMap = {
    ...($schema === undefined ? {} : { $schema }),
    type: 'object',
    additionalProperties: each,
  };
  writeFileSync(join(folder, 'chart/Chart.yaml'), 'apiVersion: v2\nname: together\nversion: 0.1.0\n');
  writeFileSync(join(folder, 'chart/values.yaml'), valuesText(byAlias(defaults)));
  writeFileSync(join(folder, 'chart/values.schema.json'), JSON.stringify(together));
}

function byAlias(documents: readonly Json[]): JsonMap {
  return Object.fromEntries(documents.map((document, index) => [`d${index}`, document]));
}

/** `- d0.name: …` and `- d0: name is required` on Helm 3; on Helm 4 `- at '/d0': …` with indented lines under it. */
function messagesByAlias(list: string): Map<string, string[]> {
  const messages = new Map<string, string[]>();
  const parts = list.split(/^- (at '\/)?(d\d+)(?=[.:'])/m).slice(1);
  for (let at = 0; at < parts.length; at += 3) {
    const [quote = '', alias = '', rest = ''] = parts.slice(at, at + 3);
    const message = quote === '' ? `- ${rest.replace(/^:/, '(root):').replace(/^\./, '')}` : nestedLines(rest, alias);
    messages.set(alias, [...(messages.get(alias) ?? []), message.trim()]);
  }
  return messages;
}

function nestedLines(text: string, alias: string): string {
  const [, ...lines] = text.split('\n');
  return lines.map((line) => line.replace(/^ {2}/, '').replace(`- at '/${alias}`, "- at '")).join('\n');
}

/** A values file that holds no map can't stand under an alias. */
function refusalOfFile(version: HelmVersion, chart: string, document: Json): string {
  const folder = scratchFolder('values');
  const file = join(folder, 'values.json');
  writeFileSync(file, valuesText(document));
  const result = helmTemplate({ version, chart, values: [file], release: { name: 'release', namespace: 'default' } });
  rmSync(folder, { recursive: true, force: true });
  if (result.ok) throw new Error(`Helm ${version} takes a values file that is no map`);
  return result.error;
}
