import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HelmVersion } from './binaries.ts';
import type { Json } from './json.ts';
import { isEmptyDocument, readWithGo, splitDocuments } from './objects.ts';
import { errorOf, runHelm } from './run.ts';
import { scratchFolder } from './scratch.ts';
import { valuesText } from './values-text.ts';

export { runHelm };

export interface Release {
  readonly name: string;
  readonly namespace: string;
}

export interface TemplateOptions {
  readonly version: HelmVersion;
  /** Folder or archive of the chart. */
  readonly chart: string;
  /** One `-f` each, in this order: a path as it is, anything else as a JSON file. */
  readonly values?: readonly (Json | object)[];
  readonly args?: readonly string[];
  readonly release: Release;
  /** Give all three parts: Helm 4 passes `1.24` on as `v1.24`, Helm 3 as `v1.24.0`. */
  readonly kubeVersion?: string;
}

export type TemplateResult =
  | { readonly ok: true; readonly objects: readonly Json[]; readonly text: string }
  | { readonly ok: false; readonly error: string };

/** `helm template`: the objects as Go reads them, hooks and tests included, in Helm's order; or Helm's refusal. */
export function helmTemplate(options: TemplateOptions): TemplateResult {
  const folder = scratchFolder('values');
  try {
    const files = (options.values ?? []).map((values, index) =>
      valuesFile(values as Json, join(folder, `${index}.json`)),
    );
    const run = runHelm(options.version, templateArgs(options, files));
    if (!run.ok) return { ok: false, error: errorOf(run.stderr) };
    const texts = splitDocuments(run.stdout)
      .map((document) => document.text)
      .filter((text) => !isEmptyDocument(text));
    return { ok: true, objects: readWithGo(options.version, texts), text: run.stdout };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Arguments of `helm template` for a chart and values files. */
export function templateArgs(
  options: Pick<TemplateOptions, 'chart' | 'release' | 'kubeVersion' | 'args'>,
  valuesFiles: readonly string[],
): string[] {
  const { name, namespace } = options.release;
  const kubeVersion = options.kubeVersion === undefined ? [] : ['--kube-version', options.kubeVersion];
  const files = valuesFiles.flatMap((file) => ['-f', file]);
  return ['template', name, options.chart, '-n', namespace, ...kubeVersion, ...files, ...(options.args ?? [])];
}

function valuesFile(values: Json, path: string): string {
  if (typeof values === 'string') return values;
  writeFileSync(path, valuesText(values));
  return path;
}
