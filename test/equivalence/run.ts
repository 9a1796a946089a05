/**
 * `npm run test:equivalence -- --runs N [--seed S] [--versions 3.17,4.1]`: N random documents a Helm version.
 * Resumable: batches that the same sources have passed are not run again. Divergences are printed and kept as
 * cases in `node_modules/.cache/consonant/divergences/`; any makes the exit code 1.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type HelmVersion, helmVersions } from '../helm/binaries.ts';
import { batchOf } from './batches.ts';
import { freshChart } from './chart.ts';
import { checkBatch, describeDivergence } from './check.ts';

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, '../../node_modules/.cache/consonant');
const batchSize = 200;
/** Far from the seeds of `npm test`. */
const firstSeed = 1000;

interface Progress {
  /** Changes with the chart and with what makes the documents. */
  readonly sources: string;
  readonly passed: Record<string, { rendered: number; refused: number }>;
}

const { values: args } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(firstSeed) },
    versions: { type: 'string', default: helmVersions.join(',') },
  },
});
const versions = args.versions.split(',').map(versionOf);
const count = Math.ceil(Number(args.runs) / batchSize);
const chart = freshChart();
const stateFile = join(cache, 'equivalence.json');
const progress = readProgress(hashOf([chart, here, join(here, '../../src')]));

let failed = 0;
for (let batch = 0; batch < count; batch++) {
  for (const version of versions) failed += runBatch(version, Number(args.seed) + batch);
}
for (const version of versions) report(version);
process.exitCode = failed > 0 ? 1 : 0;

function versionOf(text: string): HelmVersion {
  const found = helmVersions.find((version) => version === text);
  if (found === undefined) throw new Error(`--versions takes ${helmVersions.join(', ')}, not ${text}`);
  return found;
}

function runBatch(version: HelmVersion, seed: number): number {
  const key = `${version}/${seed}`;
  if (progress.passed[key] !== undefined) return 0;
  const started = performance.now();
  const { rendered, refused, divergences } = checkBatch(version, chart, batchOf(seed, batchSize));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `Helm ${version} seed ${seed}: ${rendered} rendered, ${refused} refused, ${divergences.length} divergences, ${seconds} s`,
  );
  for (const divergence of divergences) {
    console.error(describeDivergence(divergence));
    const folder = join(cache, 'divergences');
    mkdirSync(folder, { recursive: true });
    const name = `${version}-${seed}-${divergence.index}.json`;
    writeFileSync(join(folder, name), JSON.stringify(divergence.document, null, 2));
  }
  if (divergences.length === 0) {
    progress.passed[key] = { rendered, refused };
    mkdirSync(cache, { recursive: true });
    writeFileSync(stateFile, JSON.stringify(progress));
  }
  return divergences.length;
}

function report(version: HelmVersion): void {
  const passed = Array.from({ length: count }, (_, i) => progress.passed[`${version}/${Number(args.seed) + i}`]);
  const done = passed.filter((one) => one !== undefined);
  const rendered = done.reduce((sum, one) => sum + one.rendered, 0);
  const refused = done.reduce((sum, one) => sum + one.refused, 0);
  console.log(
    `Helm ${version}: ${rendered + refused} of ${count * batchSize} documents agree (${rendered} rendered, ${refused} refused)`,
  );
}

function readProgress(sources: string): Progress {
  if (existsSync(stateFile)) {
    const stored = JSON.parse(readFileSync(stateFile, 'utf8')) as Progress;
    if (stored.sources === sources) return stored;
    console.log('The sources have changed: starting again.');
  }
  return { sources, passed: {} };
}

function hashOf(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    if (!existsSync(folder)) continue;
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) hash.update(entry.name).update(readFileSync(join(entry.parentPath, entry.name)));
    }
  }
  return hash.digest('hex');
}
