/** Consonant's chart with the documents that go into it: the only file of the generator that reads from disk. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { printChart } from './chart/files.ts';
import { chartSource } from './consonant.ts';

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
}

/** All files of the chart, by path. */
export function printConsonantChart(): { readonly name: string; readonly files: ReadonlyMap<string, string> } {
  const source = chartSource({
    readme: read('docs/chart/README.md'),
    files: {
      LICENSE: read('LICENSE'),
      'SECURITY.md': read('docs/chart/SECURITY.md'),
      'TROUBLESHOOTING.md': read('docs/chart/TROUBLESHOOTING.md'),
    },
  });
  return { name: source.name, files: printChart(source) };
}
