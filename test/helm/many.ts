import { rmSync } from 'node:fs';
import { inBatches, renderBatch, type ManyOptions, type Outcome } from './batches.ts';
import type { HelmVersion } from './binaries.ts';
import type { Json, JsonMap } from './json.ts';
import { isEmptyDocument, readWithGo } from './objects.ts';
import { schemaRefusals } from './schema-check.ts';
import { scratchFolder } from './scratch.ts';
import { replaceTemplates, writeUmbrella } from './umbrella.ts';

export interface TemplateManyOptions extends ManyOptions {
  /**
   * The chart's helper that prints its problems. When given it is asked first, so that a document which a template
   * would `fail` on doesn't cost a run of its own.
   */
  readonly problemsHelper?: string;
}

export type ManyResult = { readonly objects: readonly Json[] } | { readonly refused: string };

/** None of them: accepted. `crash`: the helper itself failed, for instance on a missing section. */
export type Problems =
  | { readonly schema: string }
  | { readonly problems: readonly string[] }
  | { readonly crash: string }
  | Readonly<Record<never, never>>;

/** The schema was asked before, once for all documents: see `schemaRefusals`. */
const unchecked = ['--skip-schema-validation'];

/** Renders a chart once for each document, hundreds in one Helm process; for each its objects or Helm's refusal. */
export function templateMany(
  version: HelmVersion,
  chart: string,
  documents: readonly Json[],
  options: TemplateManyOptions,
): ManyResult[] {
  const { problemsHelper, ...rest } = options;
  const refused: readonly (string | undefined)[] =
    problemsHelper === undefined
      ? schemaRefusals(version, chart, documents, rest)
      : askProblems(version, chart, problemsHelper, documents, rest).map(refusalOf);
  const folder = scratchFolder('umbrella');
  writeUmbrella(folder, chart, []);
  const umbrella = { version, folder, chart, options: rest, args: unchecked };
  const rendered = forTheOthers<ManyResult>(documents, refused, rest, (batch) =>
    readObjects(version, renderBatch(umbrella, batch)),
  );
  rmSync(folder, { recursive: true, force: true });
  return refused.map((message, index) =>
    message === undefined ? (rendered.get(index) ?? { objects: [] }) : { refused: message },
  );
}

/**
 * Asks a chart's helper (one problem a line, each starting with `- `) about each document, in a copy of the chart
 * whose only template prints the helper: a `fail` stops Helm at the first document, this doesn't.
 */
export function askProblems(
  version: HelmVersion,
  chart: string,
  helper: string,
  documents: readonly Json[],
  options: Partial<ManyOptions> = {},
): Problems[] {
  const whole: ManyOptions = { release: { name: 'release', namespace: 'default' }, ...options };
  const refused = schemaRefusals(version, chart, documents, whole);
  const folder = scratchFolder('problems');
  writeUmbrella(folder, chart, []);
  replaceTemplates(folder, chart, `#P {{ include ${JSON.stringify(helper)} . | b64enc }}\n`);
  const umbrella = { version, folder, chart, options: whole, args: unchecked };
  const answers = forTheOthers<Problems>(documents, refused, whole, (batch) =>
    renderBatch(umbrella, batch).map(answerIn),
  );
  rmSync(folder, { recursive: true, force: true });
  return refused.map((schema, index) => (schema === undefined ? (answers.get(index) ?? {}) : { schema }));
}

/** Results for the documents that are not refused yet, by their index. */
function forTheOthers<Result>(
  documents: readonly Json[],
  refused: readonly (string | undefined)[],
  options: ManyOptions,
  run: (batch: readonly JsonMap[]) => readonly Result[],
): Map<number, Result> {
  const open = [...documents.keys()].filter((index) => refused[index] === undefined);
  // Only maps are left, and null, which stands for an empty values file.
  const maps = open.map((index) => (documents[index] ?? {}) as JsonMap);
  const results = inBatches(maps, options, run);
  return new Map(open.flatMap((index, at) => (results[at] === undefined ? [] : [[index, results[at]] as const])));
}

/** One more Helm process reads the objects of all documents. */
function readObjects(version: HelmVersion, outcomes: readonly Outcome[]): ManyResult[] {
  const texts = outcomes.map((outcome) =>
    outcome.kind === 'refused'
      ? []
      : outcome.documents.map(({ text }) => text).filter((text) => !isEmptyDocument(text)),
  );
  const objects = readWithGo(version, texts.flat());
  if (objects.length !== texts.flat().length) throw new Error('a rendered document holds more than one object');
  let next = 0;
  return outcomes.map((outcome, index) => {
    if (outcome.kind === 'refused') return { refused: outcome.message };
    const start = next;
    next += texts[index]?.length ?? 0;
    return { objects: objects.slice(start, next) };
  });
}

/** A problem may have several lines; the next one starts with `- `. */
function answerIn(outcome: Outcome): Problems {
  if (outcome.kind === 'refused')
    return outcome.by === 'schema' ? { schema: outcome.message } : { crash: outcome.message };
  const encoded = /^#P ?(\S*)/m.exec(outcome.documents[0]?.text ?? '')?.[1];
  if (encoded === undefined) throw new Error('Helm did not print what the helper says');
  const printed = Buffer.from(encoded, 'base64').toString('utf8').trim();
  return printed === '' ? {} : { problems: printed.replace(/^- /, '').split('\n- ') };
}

function refusalOf(answer: Problems): string | undefined {
  if ('schema' in answer) return answer.schema;
  if ('crash' in answer) return answer.crash;
  return 'problems' in answer ? answer.problems.map((problem) => `- ${problem}`).join('\n') : undefined;
}
