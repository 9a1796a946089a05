import type { Outcome } from './scenarios.ts';

/** docs/cluster-tests.md */
export function pageOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ name, result, seconds }) => `| ${name} | ${result} | ${seconds.toFixed(0)} |`);
  return [
    '# Cluster tests',
    '',
    'What `npm run test:cluster` installed, used, upgraded and removed on a real Kubernetes, see [test/cluster](../test/cluster/README.md). The command writes this page.',
    '',
    '| scenario | result | seconds |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

export function printTable(outcomes: readonly Outcome[]): void {
  for (const { name, result, seconds, error } of outcomes) {
    if (error !== undefined)
      console.log(`\n${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    console.log(`${name.padEnd(50)} ${result.padEnd(8)} ${seconds.toFixed(1).padStart(7)} s`);
  }
}
