import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from './cluster.ts';
import type { Options } from './options.ts';
import { type Outcome, chosenFrom, loadScenarios, runScenario } from './scenarios.ts';
import type { Scenario } from './scenario.ts';
import { pageOf, printTable } from './table.ts';

const page = fileURLToPath(new URL('../../docs/cluster-tests.md', import.meta.url));

/**
 * Runs the chosen scenarios one after the other and prints their table; what ran on a cluster of the run's own is
 * written to docs/cluster-tests.md.
 * @param stopped resolves when it has to end: the table then shows what had run
 * @returns the exit code
 */
export async function runScenarios(
  cluster: Cluster,
  options: Options,
  folder: string,
  stopped: Promise<void>,
): Promise<number> {
  const scenarios = await loadScenarios();
  const chosen = chosenFrom(scenarios, options.only);
  const outcomes: Outcome[] = [];
  const ended = stopped.then(() => 'stopped' as const);
  for (const scenario of chosen) {
    console.log(`\n${scenario.name} …`);
    const outcome = await Promise.race([ended, runScenario(scenario, cluster, join(folder, 'scenarios'))]);
    if (outcome === 'stopped') break;
    console.log(`${outcome.result} in ${outcome.seconds.toFixed(0)} s`);
    outcomes.push(outcome);
  }
  printTable(outcomes);
  if (options.report !== undefined) writeFileSync(options.report, JSON.stringify(outcomes.map(({ result }) => result)));
  const isComplete = outcomes.length === chosen.length;
  // The page is of one kind of cluster, so that its rows can be compared.
  if (isComplete && cluster.isOwn) writePage(outcomes, options.only === undefined ? '' : pageBefore(), scenarios);
  if (isComplete && options.keep) await stopped;
  return isComplete && outcomes.every(({ result }) => result !== 'fail') ? 0 : 1;
}

function pageBefore(): string {
  return existsSync(page) ? readFileSync(page, 'utf8') : '';
}

function writePage(outcomes: readonly Outcome[], before: string, scenarios: readonly Scenario[]): void {
  const names = scenarios.map(({ name }) => name);
  writeFileSync(page, pageOf(outcomes, names, before));
}
