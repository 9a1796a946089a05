/** `npm run test:mutants`: changes the generator in many wrong ways; the suite must notice every one. */
import { spawn } from 'node:child_process';
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cases } from '../cases/cases.ts';
import { batchOf } from '../equivalence/batches.ts';
import { scratchFolder } from '../helm/scratch.ts';
import { noticed, outcomeOf } from './check.ts';
import { type Mutant, mutants } from './mutants.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const workers = 2;
const timeoutMs = 600_000;

/** `refused`: by the printer, which itself said that it can't print this. `broken`: the mutant does not run and shows nothing. */
type Verdict = 'killed' | 'refused' | 'SURVIVED' | 'BROKEN';

interface Result {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
  readonly by: string;
}

interface Run {
  /** Null after a timeout. */
  readonly code: number | null;
  readonly output: string;
}

/** An error that the generator throws on purpose: Node shows the line that threw it. */
const ownError = /throw new (ChartError|TypeError)\(/;
/** Errors of a program that is wrong in itself. */
const brokenProgram =
  /\b(ReferenceError|SyntaxError|Transform failed)\b|TypeError: (Cannot|.* is not (a function|iterable|a constructor))/;

function verdictOf({ code, output }: Run): Verdict {
  if (code === 0) return 'SURVIVED';
  if (code === noticed) return 'killed';
  return code !== null && ownError.test(output) && !brokenProgram.test(output) ? 'refused' : 'BROKEN';
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
  writeFileSync(
    path,
    text.replace(mutant.from, () => mutant.to),
  );
  const done = await run(folder, corpus);
  rmSync(folder, { recursive: true, force: true });
  const lines = done.output.trim().split('\n');
  const said = lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? '';
  return { mutant, verdict: verdictOf(done), by: done.code === null ? 'timeout' : said.slice(0, 100) };
}

/** Each `from` stands once in its file, so that it is clear what is changed. */
function checkTexts(): void {
  for (const { name, file, from } of mutants) {
    const times = readFileSync(join(root, file), 'utf8').split(from).length - 1;
    if (times !== 1) throw new Error(`${name}: ${file} holds its text ${times} times, not once`);
  }
}

function run(cwd: string, corpus: string): Promise<Run> {
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
    console.log(`${result.verdict.padEnd(8)} ${next.name} (${result.by})`);
  }
}

const only = process.argv[2];
checkTexts();
const corpus = writeCorpus();
const untouched = await run(root, corpus);
if (untouched.code !== 0) throw new Error(`the suite fails without any mutant: ${untouched.output}`);
const queue = mutants.filter((mutant) => only === undefined || mutant.name.includes(only));
const results: Result[] = [];
await Promise.all(Array.from({ length: workers }, () => work(queue, corpus, results)));
const count = (verdict: Verdict): number => results.filter((result) => result.verdict === verdict).length;
const killed = count('killed') + count('refused');
console.log(
  `${killed} of ${results.length} mutants killed (${count('refused')} refused by the printer), ` +
    `${count('SURVIVED')} survived, ${count('BROKEN')} did not run`,
);
process.exitCode = killed === results.length ? 0 : 1;
