import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { renderObjects } from '../../src/manifest/definition.ts';
import { definition } from '../../src/resources/definition.ts';
import { type HelmVersion, helmBinary, kubectlBinary } from '../helm/binaries.ts';
import { differences } from '../helm/compare.ts';
import { type Json, isJsonMap } from '../helm/json.ts';
import { isEmptyDocument, readWithGo, splitDocuments } from '../helm/objects.ts';
import { scratchFolder } from '../helm/scratch.ts';
import { chart, root } from './pages.ts';

/** One command that a block ran, with its arguments as bash gave them. */
export type Call = readonly [command: string, ...args: string[]];

/** What an install, upgrade or template of the chart rendered. */
export interface Rendering {
  readonly release: { readonly name: string; readonly namespace: string };
  /** The user's values, as Helm read them from files and `--set`. */
  readonly values: Json;
  readonly objects: readonly Json[];
}

interface BlockRun {
  readonly ok: boolean;
  readonly stderr: string;
  readonly calls: readonly Call[];
  readonly renderings: readonly Rendering[];
}

/** A shell in which the blocks of a page run one after the other; variables and releases stay. */
export interface Terminal {
  run(block: string): BlockRun;
  /** Puts a file where the blocks run. */
  write(name: string, text: string): void;
}

const commands = ['helm', 'kubectl', 'stern', 'curl', 'jq', 'sleep', 'npm'];
const kubeVersion = '1.30.0';

/** `checkKubectl`: kubectl's flags are checked too, by the real one. */
export function openTerminal(version: HelmVersion, options: { readonly checkKubectl?: boolean } = {}): Terminal {
  const folder = scratchFolder('terminal');
  const work = join(folder, 'work');
  for (const name of ['work', 'bin', 'rendered', 'home']) mkdirSync(join(folder, name));
  for (const name of commands) symlinkSync(join(root, 'test/readme/stubs/command'), join(folder, 'bin', name));
  const environment = {
    PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter),
    HOME: join(folder, 'home'),
    TERMINAL: folder,
    ROOT: root,
    HELM: helmBinary(version),
    KUBECTL: options.checkKubectl === true ? kubectlBinary() : '',
    CHART: chart,
    VALUES_READER: writeValuesReader(folder),
    KUBE_VERSION: kubeVersion,
  };
  return {
    write: (name, text) => writeFileSync(join(work, name), text),
    run: (block) => {
      const [callsBefore, renderingsBefore] = [readCalls(folder).length, countRenderings(folder)];
      const { status, stderr } = spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', scriptOf(block)], {
        cwd: work,
        env: environment,
        encoding: 'utf8',
        // No socket: bash would take it for a remote shell and read its start-up file.
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const renderings = Array.from({ length: countRenderings(folder) - renderingsBefore }, (_, i) =>
        readRendering(version, folder, renderingsBefore + i),
      );
      return { ok: status === 0, stderr, calls: readCalls(folder).slice(callsBefore), renderings };
    },
  };
}

/** Exported variables of earlier blocks are there, as in a terminal. */
function scriptOf(block: string): string {
  return `if [ -f "$TERMINAL/variables" ]; then . "$TERMINAL/variables"; fi\n${block}\nexport -p >"$TERMINAL/variables"\n`;
}

/** A chart without defaults and schema: what it prints are the user's own values. */
function writeValuesReader(folder: string): string {
  const reader = join(folder, 'reader');
  mkdirSync(join(reader, 'templates'), { recursive: true });
  writeFileSync(join(reader, 'Chart.yaml'), 'apiVersion: v2\nname: reader\nversion: 0.1.0\n');
  const read = '{{ dict "values" .Values "name" .Release.Name "namespace" .Release.Namespace | toJson }}\n';
  writeFileSync(join(reader, 'templates/values.yaml'), read);
  return reader;
}

function readCalls(folder: string): readonly Call[] {
  const path = join(folder, 'calls');
  const words = existsSync(path) ? readFileSync(path, 'utf8').split('\0').slice(0, -1) : [];
  const calls: Call[] = [];
  for (let at = 0; at < words.length; at += Number(words[at]) + 1) {
    calls.push(words.slice(at + 1, at + 1 + Number(words[at])) as unknown as Call);
  }
  return calls;
}

function countRenderings(folder: string): number {
  return readdirSync(join(folder, 'rendered')).filter((name) => name.endsWith('.yaml')).length;
}

function readRendering(version: HelmVersion, folder: string, number: number): Rendering {
  const read = (ending: string): string => readFileSync(join(folder, 'rendered', `${number}.${ending}`), 'utf8');
  const [document] = splitDocuments(read('values'));
  const { values, name, namespace } = JSON.parse(document?.text ?? '') as {
    values: Json;
    name: string;
    namespace: string;
  };
  const texts = splitDocuments(read('yaml')).map(({ text }) => text);
  const objects = readWithGo(
    version,
    texts.filter((text) => !isEmptyDocument(text)),
  );
  return { release: { name, namespace }, values, objects };
}

/** How a rendering differs from what the construct would make of the same values; empty when they are the same. */
export function differencesOf({ release, values, objects }: Rendering, withHooks = true): readonly string[] {
  const rendered = renderObjects(definition, values, { ...release, service: 'Helm', kubeVersion: `v${kubeVersion}` });
  if (rendered.problems !== undefined)
    return rendered.problems.map(({ path, message }) => `refused: ${path} ${message}`);
  const ours = rendered.objects as readonly Json[];
  return differences(objects, withHooks ? ours : ours.filter((object) => !isHook(object)));
}

function isHook(object: Json): boolean {
  const metadata = isJsonMap(object) && isJsonMap(object['metadata']) ? object['metadata'] : {};
  return isJsonMap(metadata['annotations']) && metadata['annotations']['helm.sh/hook'] !== undefined;
}
