import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { printChart } from '../../src/chart/files.ts';
import { chartSource } from '../../src/consonant.ts';
import { scratchFolder } from '../helm/scratch.ts';

/** Writes the chart as the sources are now into a scratch folder; the committed one may be older. */
export function freshChart(): string {
  const folder = join(scratchFolder('chart'), 'consonant-relayer');
  for (const [path, text] of printChart(chartSource({ readme: '', files: {} }))) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return folder;
}
