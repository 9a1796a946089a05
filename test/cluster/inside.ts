/** The part of the run that happens in namespaces of its own: see run.ts. Ends when standard input does. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cluster, startCluster } from './cluster.ts';
import { optionsFrom } from './options.ts';
import { hideMachineFolders } from './private-folders.ts';
import { type Outcome, loadScenarios, runScenario } from './scenarios.ts';
import { pageOf, printTable } from './table.ts';

const page = fileURLToPath(new URL('../../docs/cluster-tests.md', import.meta.url));
const [folder = '', imageList = '', ...rest] = process.argv.slice(2);
const options = optionsFrom(rest);
const stopped = new Promise<void>((resolve) =>
  process.stdin
    .on('end', resolve)
    .on('error', () => resolve())
    .resume(),
);
let isStopping = false;
void stopped.then(() => (isStopping = true));

const outcomes: Outcome[] = [];
// Ending this process ends all others: it is the first one of its process namespace.
void stopped.then(() => {
  printTable(outcomes);
  console.log('stopped');
  process.exit(130);
});
try {
  await hideMachineFolders(folder);
  const started = performance.now();
  const cluster = await startCluster(folder, imageList.split(','));
  console.log(`cluster up in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  await runAll(cluster);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
printTable(outcomes);
if (options.keep) await stopped;
const failed = outcomes.filter(({ result }) => result === 'fail').length;
process.exit(failed > 0 || outcomes.length === 0 ? 1 : Number(process.exitCode ?? 0));

async function runAll(cluster: Cluster): Promise<void> {
  const scenarios = await loadScenarios();
  const chosen = scenarios.filter(({ name }) => options.only === undefined || name === options.only);
  if (chosen.length === 0)
    throw new Error(`no scenario ${options.only}: there are ${scenarios.map(({ name }) => name).join(', ')}`);
  for (const scenario of chosen) {
    if (isStopping) return;
    console.log(`\n${scenario.name} …`);
    const outcome = await runScenario(scenario, cluster, join(folder, 'scenarios'));
    console.log(`${outcome.result} in ${outcome.seconds.toFixed(0)} s`);
    outcomes.push(outcome);
  }
  if (options.only === undefined) writeFileSync(page, pageOf(outcomes));
}
