import type { Outcome } from './scenarios.ts';

const head = [
  '# Cluster tests',
  '',
  'What `npm run test:cluster` installed, used, upgraded and removed on a real Kubernetes, see [test/cluster](../test/cluster/README.md). The command writes this page; with `--only` it writes the rows of what ran.',
  '',
  '| scenario | result | seconds |',
  '|---|---|---|',
];

/**
 * docs/cluster-tests.md: a row for each scenario that ran.
 * @param names of all scenarios, in their order
 * @param before the page as it was: rows of scenarios that did not run now stay
 */
export function pageOf(outcomes: readonly Outcome[], names: readonly string[], before: string): string {
  const rows = new Map<string, string>();
  for (const line of before.split('\n')) {
    const name = /^\| (\S+) \| (?:pass|fail|skipped) \|/.exec(line)?.[1];
    if (name !== undefined) rows.set(name, line);
  }
  for (const { name, result, seconds } of outcomes) rows.set(name, `| ${name} | ${result} | ${seconds.toFixed(0)} |`);
  return [...head, ...names.flatMap((name) => rows.get(name) ?? []), ''].join('\n');
}

export function printTable(outcomes: readonly Outcome[]): void {
  for (const { name, result, seconds, error } of outcomes) {
    if (error !== undefined)
      console.log(`\n${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    console.log(`${name.padEnd(50)} ${result.padEnd(8)} ${seconds.toFixed(1).padStart(7)} s`);
  }
  const counts = (['pass', 'fail', 'skipped'] as const).map(
    (kind) => `${outcomes.filter(({ result }) => result === kind).length} ${kind}`,
  );
  const seconds = outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0);
  console.log(`${counts.join(', ')} in ${seconds.toFixed(0)} s`);
}
