import { rmSync, writeFileSync } from 'node:fs';
import type { HelmVersion } from './binaries.ts';
import type { JsonMap } from './json.ts';
import { splitDocuments, type RenderedDocument } from './objects.ts';
import { errorOf, runHelm, type HelmRun } from './run.ts';
import { templateArgs, type Release } from './template.ts';
import { writeDependencies } from './umbrella.ts';
import { valuesText } from './values-text.ts';

export interface ManyOptions {
  readonly release: Release;
  /** All three parts: Helm 4 passes `1.24` on as `v1.24`. */
  readonly kubeVersion?: string;
  /** Documents a Helm process: 200 when not given. */
  readonly batch?: number;
}

/** What Helm does with one document of an umbrella. */
export type Outcome =
  | { readonly kind: 'rendered'; readonly documents: readonly RenderedDocument[] }
  | { readonly kind: 'refused'; readonly by: 'schema' | 'template'; readonly message: string };

export interface Umbrella {
  readonly version: HelmVersion;
  /** Where `writeUmbrella` wrote it. */
  readonly folder: string;
  readonly chart: string;
  readonly options: ManyOptions;
  /** Further arguments of `helm template`. */
  readonly args?: readonly string[];
}

const defaultBatch = 200;
/** Runs a batch at most; each finds one document that a template refuses. */
const maxRuns = 60;

/** Cuts documents into batches and puts the results together again. */
export function inBatches<Item, Result>(
  items: readonly Item[],
  { batch = defaultBatch }: Partial<ManyOptions>,
  run: (items: readonly Item[]) => readonly Result[],
): Result[] {
  const starts = Array.from({ length: Math.ceil(items.length / batch) }, (_, index) => index * batch);
  return starts.flatMap((start) => run(items.slice(start, start + batch)));
}

/**
 * Renders an umbrella once for all documents. Those that Helm refuses are found in its message and taken out, and the
 * others are rendered again: the schema names all of them at once, a template one a run.
 */
export function renderBatch(umbrella: Umbrella, documents: readonly JsonMap[]): Outcome[] {
  const left = new Map(documents.map((document, index) => [`d${index}`, document]));
  const outcomes = new Map<string, Outcome>();
  for (let runs = 0; left.size > 0; runs++) {
    if (runs === maxRuns) throw new Error(`${maxRuns} runs found no end of refusals: give \`problemsHelper\``);
    const run = runUmbrella(umbrella, left);
    if (run.ok) {
      byAlias(splitDocuments(run.stdout), [...left.keys()]).forEach((documents, alias) =>
        outcomes.set(alias, { kind: 'rendered', documents }),
      );
      break;
    }
    const refusals = refusalsIn(run.stderr, new Set(left.keys()));
    if (refusals.size === 0) throw new Error(`Helm ${umbrella.version} names no document: ${errorOf(run.stderr)}`);
    refusals.forEach((refusal, alias) => {
      outcomes.set(alias, refusal);
      left.delete(alias);
    });
  }
  return documents.map((_, index) => outcomes.get(`d${index}`) ?? { kind: 'rendered', documents: [] });
}

function runUmbrella(
  { version, folder, chart, options, args }: Umbrella,
  documents: ReadonlyMap<string, JsonMap>,
): HelmRun {
  const valuesFile = `${folder}.json`;
  writeDependencies(folder, chart, [...documents.keys()]);
  writeFileSync(valuesFile, valuesText(Object.fromEntries(documents)));
  try {
    return runHelm(version, templateArgs({ ...options, chart: folder, args: args ?? [] }, [valuesFile]));
  } finally {
    rmSync(valuesFile, { force: true });
  }
}

/**
 * Which documents Helm refuses. Its schema check names every one, each followed by its problems; a template names
 * the first, and may mention another alias afterwards (the file of a helper is the last one that was parsed).
 */
function refusalsIn(stderr: string, aliases: ReadonlySet<string>): Map<string, Outcome> {
  const error = errorOf(stderr);
  if (/^parse error at|no template "[^"]*" associated with/m.test(error)) throw new Error(`a broken chart: ${error}`);
  const list = schemaProblems(error);
  if (list !== undefined) {
    const parts = list.split(/^([\w-]+):\n/m).slice(1);
    const pairs = parts.flatMap((alias, at) => (at % 2 === 0 ? [[alias, (parts[at + 1] ?? '').trim()] as const] : []));
    const known = pairs.filter(([alias]) => aliases.has(alias));
    return new Map(known.map(([alias, message]) => [alias, { kind: 'refused', by: 'schema', message }]));
  }
  const alias = /(?:^|[\s(])umbrella\/charts\/([\w-]+)\//.exec(error)?.[1];
  const isKnown = alias !== undefined && aliases.has(alias);
  return new Map(isKnown ? [[alias, { kind: 'refused', by: 'template', message: error }]] : []);
}

/** What follows the heading of Helm's schema error; undefined for any other error. */
export function schemaProblems(error: string): string | undefined {
  const heading = "values don't meet the specifications of the schema(s) in the following chart(s):\n";
  return error.startsWith(heading) ? error.slice(heading.length) : undefined;
}

function byAlias(documents: readonly RenderedDocument[], aliases: readonly string[]): Map<string, RenderedDocument[]> {
  const groups = new Map<string, RenderedDocument[]>(aliases.map((alias) => [alias, []]));
  for (const document of documents) groups.get(document.source.split('/')[2] ?? '')?.push(document);
  return groups;
}
