import { describeProblem } from '../../src/errors.ts';
import { renderObjects, type Rendered } from '../../src/manifest/definition.ts';
import { definition } from '../../src/resources/definition.ts';
import type { HelmVersion } from '../helm/binaries.ts';
import { differences } from '../helm/compare.ts';
import { isJsonMap, type Json } from '../helm/json.ts';
import { askProblems, type ManyResult, type Problems, templateMany } from '../helm/many.ts';
import type { Batch } from './batches.ts';

/** A document for which Helm and the construct do not do the same. */
export interface Divergence {
  readonly version: HelmVersion;
  readonly seed: number;
  readonly index: number;
  readonly document: Json;
  readonly what: string;
}

export interface CheckedBatch {
  readonly rendered: number;
  readonly refused: number;
  readonly divergences: readonly Divergence[];
}

/** The law: both back-ends render the same set of objects, or both refuse, with the same words where we wrote them. */
export function checkBatch(version: HelmVersion, chart: string, batch: Batch): CheckedBatch {
  const options = { release: batch.release, kubeVersion: batch.kubeVersion };
  const release = { ...batch.release, service: 'Helm', kubeVersion: `v${batch.kubeVersion}` };
  const ours = batch.documents.map((document) => renderObjects(definition, document, release));
  const [accepted, refused] = [indexesOf(ours, true), indexesOf(ours, false)];
  const pick = (indexes: readonly number[]): Json[] => indexes.map((index) => batch.documents[index] ?? null);

  const rendered = templateMany(version, chart, pick(accepted), options);
  const answers = askProblems(version, chart, `${definition.name}.problems`, pick(refused), options);
  const found = new Map<number, string | undefined>([
    ...accepted.map((index, i) => [index, renderDivergence(rendered[i], ours[index], batch.documents[index])] as const),
    ...refused.map((index, i) => [index, refusalDivergence(answers[i], ours[index])] as const),
  ]);
  const divergences = batch.documents.flatMap((document, index) => {
    const what = found.get(index);
    return what === undefined ? [] : [{ version, seed: batch.seed, index, document, what }];
  });
  return { rendered: accepted.length, refused: refused.length, divergences };
}

function indexesOf(ours: readonly Rendered[], accepted: boolean): readonly number[] {
  return [...ours.keys()].filter((index) => (ours[index]?.problems === undefined) === accepted);
}

function renderDivergence(
  helm: ManyResult | undefined,
  ours: Rendered | undefined,
  document: Json | undefined,
): string | undefined {
  if (helm === undefined || ours?.objects === undefined) throw new Error('a document has no result');
  if ('refused' in helm) return `only Helm refuses it: ${helm.refused}`;
  const all = differences(helm.objects, ours.objects);
  const found = repeatsObjects(document) ? all.filter((one) => !/: [0-9]+ times in /.test(one)) : all;
  return found.length === 0 ? undefined : found.slice(0, 5).join('\n');
}

function refusalDivergence(helm: Problems | undefined, ours: Rendered | undefined): string | undefined {
  if (helm === undefined || ours?.problems === undefined) throw new Error('a document has no result');
  if ('schema' in helm || 'crash' in helm) return undefined;
  if (!('problems' in helm)) return `only the construct refuses it: ${JSON.stringify(ours.problems)}`;
  // What the chart's guards say the construct says too, in the same words; the schema's are Helm's own.
  const mine = ours.problems.map(describeProblem);
  const isUnsafe = (line: string): boolean => line.includes("YAML can't carry") || line.includes("can't be carried");
  const onlyHelm = helm.problems.filter((line) => !isUnsafe(line) && !mine.includes(line));
  const onlyOurs = ours.problems.every((problem) => problem.path === '')
    ? mine.filter((line) => !helm.problems.includes(line))
    : [];
  return onlyHelm.length + onlyOurs.length === 0
    ? undefined
    : `Helm says\n${helm.problems.join('\n')}\nthe construct says\n${mine.join('\n')}`;
}

/** A user's own objects may repeat a name; the chart's never do. */
function repeatsObjects(document: Json | undefined): boolean {
  return isJsonMap(document) && Array.isArray(document['extraObjects']);
}

/** A page for a person: what differs, and the document to try again. */
export function describeDivergence({ version, seed, index, document, what }: Divergence): string {
  return `Divergence between Helm ${version} and the construct (seed ${seed}, document ${index}):\n${what}\n${JSON.stringify(document)}`;
}
