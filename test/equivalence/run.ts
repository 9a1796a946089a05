/**
 * `npm run test:equivalence -- --runs N [--seed S] [--versions 3.17,4.1]`: N random documents a Helm version.
 * Resumable: batches that the same sources have passed are not run again. One process a version, as many at once
 * as there are processors. Divergences are printed and kept in `node_modules/.cache/consonant/divergences/`; any
 * makes the exit code 1.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type HelmVersion, helmVersions } from '../helm/binaries.ts';
import { batchOf } from './batches.ts';
import { freshChart } from './chart.ts';
import { checkBatch, describeDivergence, type Divergence } from './check.ts';

const script = fileURLToPath(import.meta.url);
const here = dirname(script);
const cache = join(here, '../../node_modules/.cache/consonant');
const batchSize = 200;
/** Far from the seeds of `npm test`. */
const firstSeed = 1000;

interface Passed {
  readonly rendered: number;
  readonly refused: number;
}

const { values: args } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(firstSeed) },
    versions: { type: 'string', default: helmVersions.join(',') },
  },
});
const versions = args.versions.split(',').map(versionOf);
const [only] = versions;
process.exitCode = only !== undefined && versions.length === 1 ? runVersion(only) : await runEach(versions);

function versionOf(text: string): HelmVersion {
  const found = helmVersions.find((version) => version === text);
  if (found === undefined) throw new Error(`--versions takes ${helmVersions.join(', ')}, not ${text}`);
  return found;
}

/** One process for each version; 1 when any found a divergence. */
async function runEach(all: readonly HelmVersion[]): Promise<number> {
  const queue = [...all];
  const codes: number[] = [];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) codes.push(await runProcess(next));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return codes.some((code) => code !== 0) ? 1 : 0;
}

function runProcess(version: HelmVersion): Promise<number> {
  return new Promise((resolve) => {
    const rest = ['--runs', args.runs, '--seed', args.seed, '--versions', version];
    const child = spawn(process.execPath, [...process.execArgv, script, ...rest], { stdio: 'inherit' });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

function runVersion(version: HelmVersion): number {
  const chart = freshChart();
  const folder = join(cache, 'equivalence', hashOf([chart, here, join(here, '../../src')]), version);
  mkdirSync(folder, { recursive: true });
  const seeds = Array.from({ length: Math.ceil(Number(args.runs) / batchSize) }, (_, i) => Number(args.seed) + i);
  for (const seed of seeds) if (!existsSync(passedFile(folder, seed))) runBatch(version, chart, folder, seed);
  const passed = seeds
    .filter((seed) => existsSync(passedFile(folder, seed)))
    .map((seed) => JSON.parse(readFileSync(passedFile(folder, seed), 'utf8')) as Passed);
  const sum = (of: (one: Passed) => number): number => passed.reduce((total, one) => total + of(one), 0);
  const [rendered, refused] = [sum((one) => one.rendered), sum((one) => one.refused)];
  console.log(
    `Helm ${version}: ${rendered + refused} of ${seeds.length * batchSize} documents agree (${rendered} rendered, ${refused} refused)`,
  );
  return passed.length === seeds.length ? 0 : 1;
}

function passedFile(folder: string, seed: number): string {
  return join(folder, `${seed}.json`);
}

function runBatch(version: HelmVersion, chart: string, folder: string, seed: number): void {
  const started = performance.now();
  const { rendered, refused, divergences } = checkBatch(version, chart, batchOf(seed, batchSize));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `Helm ${version} seed ${seed}: ${rendered} rendered, ${refused} refused, ${divergences.length} divergences, ${seconds} s`,
  );
  divergences.forEach(keepDivergence);
  if (divergences.length > 0) return;
  const passed: Passed = { rendered, refused };
  writeFileSync(join(folder, `${seed}.part`), JSON.stringify(passed));
  renameSync(join(folder, `${seed}.part`), passedFile(folder, seed));
}

function keepDivergence(divergence: Divergence): void {
  console.error(describeDivergence(divergence));
  const folder = join(cache, 'divergences');
  mkdirSync(folder, { recursive: true });
  const name = `${divergence.version}-${divergence.seed}-${divergence.index}.json`;
  writeFileSync(join(folder, name), JSON.stringify(divergence.document, null, 2));
}

/** Changes with the chart, the sources and what makes the documents. */
function hashOf(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((one) => one.isFile())) {
      hash.update(entry.name).update(readFileSync(join(entry.parentPath, entry.name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
