import { renderObjects, type Rendered } from '../../src/manifest/definition.ts';
import { definition } from '../../src/resources/definition.ts';
import type { HelmVersion } from '../helm/binaries.ts';
import { differences } from '../helm/compare.ts';
import { isJsonMap, type Json } from '../helm/json.ts';
import { type ManyResult, templateMany } from '../helm/many.ts';
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
  const release = { ...batch.release, service: 'Helm', kubeVersion: `v${batch.kubeVersion}` };
  const ours = batch.documents.map((document) => renderObjects(definition, document, release));
  const helm = templateMany(version, chart, batch.documents, {
    release: batch.release,
    kubeVersion: batch.kubeVersion,
    problemsHelper: `${definition.name}.problems`,
  });
  const divergences = batch.documents.flatMap((document, index) => {
    const [theirs, mine] = [helm[index], ours[index]];
    if (theirs === undefined || mine === undefined) throw new Error('a document has no result');
    const what = divergenceOf(theirs, mine, repeatsObjects(document));
    return what === undefined ? [] : [{ version, seed: batch.seed, index, document, what }];
  });
  const refused = ours.filter((one) => one.problems !== undefined).length;
  return { rendered: ours.length - refused, refused, divergences };
}

function divergenceOf(helm: ManyResult, ours: Rendered, mayRepeat: boolean): string | undefined {
  if ('refused' in helm) {
    if (ours.problems === undefined) return `only Helm refuses it: ${helm.refused}`;
    return messageDivergence(helm.refused, ours.problems);
  }
  if (ours.problems !== undefined) return `only the construct refuses it: ${JSON.stringify(ours.problems)}`;
  const all = differences(helm.objects, ours.objects as readonly Json[]);
  const found = mayRepeat ? all.filter((difference) => !/: [0-9]+ times in /.test(difference)) : all;
  return found.length === 0 ? undefined : found.slice(0, 5).join('\n');
}

/** A user's own objects may repeat a name; the chart's never do. */
function repeatsObjects(document: Json): boolean {
  return isJsonMap(document) && Array.isArray(document['extraObjects']);
}

/** A rule's message is the same on both sides; the schema's are Helm's own. */
function messageDivergence(refused: string, problems: NonNullable<Rendered['problems']>): string | undefined {
  const isRule = refused.startsWith('- ') && problems.every((problem) => problem.path === '');
  const expected = problems.map((problem) => `- ${problem.message}`).join('\n');
  return isRule && refused !== expected ? `Helm says\n${refused}\nthe construct says\n${expected}` : undefined;
}

/** A page for a person: what differs, and the document to try again. */
export function describeDivergence({ version, seed, index, document, what }: Divergence): string {
  return `Divergence between Helm ${version} and the construct (seed ${seed}, document ${index}):\n${what}\n${JSON.stringify(document)}`;
}
