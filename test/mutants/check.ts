/**
 * What a mutant must fail: a small part of the suite that runs in seconds. Run in a copy of the tree, with the
 * file of a corpus as its argument. Exit 0: nothing was noticed; 3: a difference was; anything else: it did not get so far.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderObjects } from '../../src/manifest/definition.ts';
import { definition } from '../../src/resources/definition.ts';
import { freshChart } from '../equivalence/chart.ts';
import type { Batch } from '../equivalence/batches.ts';
import { checkBatch } from '../equivalence/check.ts';
import { cases } from '../cases/cases.ts';
import type { Json } from '../helm/json.ts';
import { helmTemplate } from '../helm/template.ts';

interface Corpus extends Batch {
  /** What the sources rendered before they were changed: a change to both back-ends shows here. */
  readonly expected: readonly string[];
}

/** A crash ends with 1, so that it is not taken for this. */
export const noticed = 3;

function fail(by: string): never {
  console.log(by);
  process.exit(noticed);
}

/** The objects, or why there are none. */
export function outcomeOf(batch: Batch, document: Json): string {
  const release = { ...batch.release, service: 'Helm', kubeVersion: batch.kubeVersion };
  return JSON.stringify(renderObjects(definition, document, release));
}

const [program, file] = process.argv.slice(1);
if (program === fileURLToPath(import.meta.url) && file !== undefined) {
  const corpus = JSON.parse(readFileSync(file, 'utf8')) as Corpus;
  const { divergences } = checkBatch('4.1', freshChart(), corpus);
  const [first] = divergences;
  if (first !== undefined) fail(`equivalence: document ${first.index}`);
  const end = cases.find((one) => one.name === 'text-at-the-end-of-a-container');
  if (checkBatch('4.1', freshChart(), { ...corpus, documents: [end?.values as Json] }).divergences.length > 0) {
    fail('case text-at-the-end-of-a-container');
  }
  const million = cases.find((one) => one.name === 'integers-over-a-million');
  const text = helmTemplate({
    version: '4.1',
    chart: freshChart(),
    release: corpus.release,
    values: [million?.values as object],
  });
  if (!text.ok || /: [0-9.]+e\+[0-9]+$/m.test(text.text)) fail('case integers-over-a-million');
  const changed = corpus.documents.findIndex((document, i) => outcomeOf(corpus, document) !== corpus.expected[i]);
  if (changed >= 0) fail(`golden objects: document ${changed}`);
}
