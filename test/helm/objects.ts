import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { HelmVersion } from './binaries.ts';
import type { Json } from './json.ts';
import { runHelm } from './run.ts';
import { scratchFolder } from './scratch.ts';

/** One document of Helm's output. */
export interface RenderedDocument {
  /** The template it comes from: `umbrella/charts/d7/templates/service.yaml`. */
  readonly source: string;
  readonly text: string;
}

/** Helm ≥ 3.18 refuses a chart with a larger file (5 MiB); base64 lines are kept well below. */
const maxFileChars = 3_000_000;
const readerTemplate = `{{- range $path, $_ := .Files.Glob "documents/*" }}
{{- range $line := $.Files.Lines $path }}
#J {{ $path }} {{ $line | b64dec | fromYaml | toJson | b64enc }}
{{- end }}
{{- end }}
`;

/** Splits what `helm template` prints. A template with several documents gives several entries. */
export function splitDocuments(output: string): RenderedDocument[] {
  return output
    .split(/(?:^|(?<=\n))---\n# Source: /)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return { source: part.slice(0, end), text: part.slice(end + 1) };
    });
}

/** Nothing but blank lines and comments: no object. */
export function isEmptyDocument(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(#|$)/.test(line));
}

/**
 * Reads YAML (or JSON) with Go's own reader, the one that Helm and kubectl use, in one more Helm process. A text may
 * hold several documents separated by `---`; empty ones are dropped. Throws when a document is no map.
 * Of a key that stands twice the last wins silently: see `duplicateKeys`.
 */
export function readWithGo(version: HelmVersion, texts: readonly string[]): Json[] {
  const documents = texts
    .flatMap((text) => text.split(/(?:^|(?<=\n))---(?:[ \t][^\n]*)?(?:\n|$)/))
    .filter((text) => !isEmptyDocument(text));
  if (documents.length === 0) return [];
  const folder = scratchFolder('reader');
  try {
    writeReader(folder, documents);
    const run = runHelm(version, ['template', 'reader', folder]);
    if (!run.ok) throw new Error(`the YAML reader failed: ${run.stderr}`);
    const read = [...run.stdout.matchAll(/^#J documents\/\d+ (.*)$/gm)].map((match) => decode(match[1] ?? ''));
    if (read.length !== documents.length) throw new Error(`${read.length} of ${documents.length} documents were read`);
    read.forEach((value, index) => refuseError(value, documents[index] ?? ''));
    return read;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Keys that stand twice in a map of a document: Go reads the last, a server refuses or loses one. */
export function duplicateKeys(text: string): string[] {
  return parseDocument(text, { version: '1.2', merge: false, uniqueKeys: true })
    .errors.filter((error) => error.code === 'DUPLICATE_KEY')
    .map((error) => error.message);
}

function writeReader(folder: string, documents: readonly string[]): void {
  mkdirSync(join(folder, 'templates'));
  mkdirSync(join(folder, 'documents'));
  writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: reader\nversion: 0.1.0\n');
  writeFileSync(join(folder, 'templates/read.yaml'), readerTemplate);
  chunks(documents.map((text) => Buffer.from(text, 'utf8').toString('base64'))).forEach((lines, index) => {
    writeFileSync(join(folder, `documents/${String(index).padStart(6, '0')}`), lines.join('\n'));
  });
}

/** Groups of lines of at most `maxFileChars` characters. */
function chunks(lines: readonly string[]): string[][] {
  const groups: string[][] = [];
  let room = 0;
  for (const line of lines) {
    if (line.length + 1 > room) {
      groups.push([]);
      room = maxFileChars;
    }
    groups.at(-1)?.push(line);
    room -= line.length + 1;
  }
  return groups;
}

function decode(base64: string): Json {
  return JSON.parse(Buffer.from(base64, 'base64').toString('utf8')) as Json;
}

/** `fromYaml` answers what it can't read with a map of the one key `Error`. */
function refuseError(value: Json, text: string): void {
  const [entry, ...others] = Object.entries(value ?? {});
  if (entry?.[0] === 'Error' && others.length === 0) throw new Error(`Go can't read (${String(entry[1])}):\n${text}`);
}
