/** `npm run test:mutants`: changes the generator in many wrong ways; the suite must notice every one. */
import { spawn } from 'node:child_process';
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cases } from '../cases/cases.ts';
import { batchOf } from '../equivalence/batches.ts';
import { scratchFolder } from '../helm/scratch.ts';
import { outcomeOf } from './check.ts';
import { type Mutant, mutants } from './mutants.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const workers = 2;
const timeoutMs = 120_000;

interface Result {
  readonly mutant: Mutant;
  readonly killed: boolean;
  readonly by: string;
}

/** Documents enough to reach every template, and what they render now. */
function writeCorpus(): string {
  const batch = batchOf(4, 60);
  const documents = [...cases.map((one) => one.values), ...batch.documents];
  const corpus = { ...batch, documents, release: { name: 'release-name-that-is-rather-long-indeed', namespace: 'n' } };
  const file = join(scratchFolder('corpus'), 'corpus.json');
  const expected = corpus.documents.map((document) => outcomeOf(corpus, document));
  writeFileSync(file, JSON.stringify({ ...corpus, expected }));
  return file;
}

async function runMutant(mutant: Mutant, corpus: string): Promise<Result> {
  const folder = scratchFolder('mutant');
  for (const part of ['src', 'test', 'docs', 'imports', 'package.json', 'LICENSE']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const path = join(folder, mutant.file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(mutant.from)) throw new Error(`${mutant.name}: ${mutant.file} does not hold ${mutant.from}`);
  writeFileSync(
    path,
    text.replace(mutant.from, () => mutant.to),
  );
  const { code, output } = await run(folder, corpus);
  rmSync(folder, { recursive: true, force: true });
  const lines = output.trim().split('\n');
  return {
    mutant,
    killed: code !== 0,
    by: (lines.find((line) => /Error/.test(line)) ?? lines.at(-1) ?? '').slice(0, 100),
  };
}

function run(cwd: string, corpus: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const args = [join(root, 'node_modules/tsx/dist/cli.mjs'), 'test/mutants/check.ts', corpus];
    const child = spawn(process.execPath, args, { cwd, timeout: timeoutMs });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => resolve({ code, output }));
  });
}

async function work(queue: Mutant[], corpus: string, results: Result[]): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const result = await runMutant(next, corpus);
    results.push(result);
    console.log(`${result.killed ? 'killed  ' : 'SURVIVED'} ${next.name} (${result.by})`);
  }
}

const only = process.argv[2];
const corpus = writeCorpus();
const untouched = await run(root, corpus);
if (untouched.code !== 0) throw new Error(`the suite fails without any mutant: ${untouched.output}`);
const queue = mutants.filter((mutant) => only === undefined || mutant.name.includes(only));
const results: Result[] = [];
await Promise.all(Array.from({ length: workers }, () => work(queue, corpus, results)));
const killed = results.filter((result) => result.killed).length;
console.log(`${killed} of ${results.length} mutants killed`);
process.exitCode = killed === results.length ? 0 : 1;
