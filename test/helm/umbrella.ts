import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';

/** Writes an umbrella chart into `folder`: one copy of the chart and a dependency on it for each alias. */
export function writeUmbrella(folder: string, chart: string, aliases: readonly string[]): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'charts'), { recursive: true });
  cpSync(chart, copyIn(folder, chart), { recursive: true });
  writeDependencies(folder, chart, aliases);
}

/** Writes the dependencies of an umbrella anew: other aliases of the same copy. */
export function writeDependencies(folder: string, chart: string, aliases: readonly string[]): void {
  const { name, version } = chartMetadata(chart);
  const entries = aliases.map((alias) => `  - { name: ${name}, version: ${version}, alias: ${alias} }\n`).join('');
  const dependencies = entries === '' ? '' : `dependencies:\n${entries}`;
  writeFileSync(join(folder, 'Chart.yaml'), `apiVersion: v2\nname: umbrella\nversion: 0.1.0\n${dependencies}`);
}

/** Leaves an umbrella's copy of the chart nothing but its helpers, and this template when given. */
export function replaceTemplates(folder: string, chart: string, template?: string): void {
  const templates = join(copyIn(folder, chart), 'templates');
  for (const entry of readdirSync(templates, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && !basename(entry.name).startsWith('_')) rmSync(join(entry.parentPath, entry.name));
  }
  if (template !== undefined) writeFileSync(join(templates, 'only.yaml'), template);
}

function copyIn(folder: string, chart: string): string {
  return join(folder, 'charts', chartMetadata(chart).name);
}

function chartMetadata(chart: string): { readonly name: string; readonly version: string } {
  const { name, version } = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as Record<string, unknown>;
  return { name: String(name), version: String(version) };
}
