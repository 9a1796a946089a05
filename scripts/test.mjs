/**
 * `npm test`: every check, one after the other, with a table at the end and `N passed, N failed` as its last line.
 * A check that is not a test runner counts as one test. With `--cluster` the scenarios on a real Kubernetes are run too,
 * where that takes no building; with `CLUSTER_TESTS=1` in any case.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clusterCounts } from './cluster-tier.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
const reports = mkdtempSync(join(cache, 'test-'));

/** Name, program below node_modules, arguments. */
const checks = [
  ['lint and layers', 'oxlint/bin/oxlint', ['--type-aware', '--deny-warnings']],
  ['format', 'prettier/bin/prettier.cjs', ['--check', '.', '--log-level', 'warn']],
  ['types', 'typescript/bin/tsc', ['--noEmit', '-p', 'tsconfig.json']],
  ['types of imports', 'typescript/bin/tsc', ['-p', 'imports']],
  ['types of the relayer', 'typescript/bin/tsc', ['-p', 'relayer']],
  ['types of the example backend', 'typescript/bin/tsc', ['-p', 'examples/backend']],
  ['types of its page', 'typescript/bin/tsc', ['-p', 'examples/backend/page']],
  ['unused code and dependencies', 'knip/bin/knip.js', []],
];

const DEMO = 'test/demo.test.ts';
/** Name, folder, arguments of vitest. The demo is timed, so nothing runs beside it. */
const suites = [
  ['tests of chart and construct', '.', []],
  ['tests of the relayer', 'relayer', []],
  ['tests of the example backend', 'examples/backend', ['--exclude', DEMO]],
  ['tests of the demo', 'examples/backend', [DEMO]],
];

function run(program, args, folder = '.') {
  const started = performance.now();
  const options = { cwd: join(root, folder), stdio: 'inherit' };
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', program), ...args], options);
  return { ok: status === 0, seconds: (performance.now() - started) / 1000 };
}

function runCheck([name, program, args]) {
  const { ok, seconds } = run(program, args);
  return { name, passed: ok ? 1 : 0, failed: ok ? 0 : 1, seconds };
}

function runSuite([name, folder, more], index) {
  const report = join(reports, `${index}.json`);
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile=${report}`, ...more];
  const { ok, seconds } = run('vitest/vitest.mjs', args, folder);
  const { passed, failed, notRun } = read(report);
  // A run that dies before or after its tests is a failure too.
  return { name, passed, failed: failed + (!ok && failed === 0 ? 1 : 0), notRun, seconds };
}

/**
 * Tests whose group is called `…: not run: … not installed` count neither as passed nor as failed. Any
 * other skipped test would read as passed: it has failed.
 */
function read(report) {
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
    const passed = tests.filter(({ status }) => status === 'passed').length;
    const left = tests.filter((test) => test.status === 'skipped' && groupNotRun(test));
    return { passed, failed: tests.length - passed - left.length, notRun: new Set(left.map(groupNotRun)) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

function groupNotRun({ ancestorTitles }) {
  return ancestorTitles.find((title) => /: not run: .+ not installed$/.test(title));
}

const CLUSTER = 'scenarios on a cluster';
/** Exit code for what is missing on this machine. */
const UNAVAILABLE = 69;

function runCluster() {
  const script = ['--import', 'tsx', 'test/cluster/run.ts'];
  const isForced = process.env.CLUSTER_TESTS === '1';
  if (!isForced) {
    const { status, stderr } = spawnSync(process.execPath, [...script, '--check'], { cwd: root, encoding: 'utf8' });
    if (status === UNAVAILABLE) {
      const reason = stderr.trim().replaceAll('\n', ' ');
      return {
        name: CLUSTER,
        passed: 0,
        failed: 0,
        seconds: 0,
        notRun: [`not run (CLUSTER_TESTS=1 insists): ${reason}`],
      };
    }
  }
  const report = join(reports, 'cluster.json');
  // The scenarios take a quarter of an hour; building first, most of an hour more.
  const limit = ['--foreground', '--kill-after=60', isForced ? '75m' : '35m'];
  const started = performance.now();
  const args = [...limit, process.execPath, ...script, '--report', report];
  const { status } = spawnSync('timeout', args, { cwd: root, stdio: 'inherit' });
  const seconds = (performance.now() - started) / 1000;
  const counts = clusterCounts(status, existsSync(report) ? readFileSync(report, 'utf8') : undefined);
  return { name: CLUSTER, ...counts, seconds };
}

const cluster = process.argv.includes('--cluster') ? [runCluster] : [];
const rows = [...checks.map(runCheck), ...suites.map(runSuite), ...cluster.map((runRow) => runRow())];
rmSync(reports, { recursive: true, force: true });

console.log('');
for (const { name, passed, failed, seconds, notRun = [] } of rows) {
  console.log(
    `${name.padEnd(30)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${seconds.toFixed(1).padStart(7)} s`,
  );
  for (const group of notRun) console.log(`  ${group}`);
}
const passed = rows.reduce((sum, row) => sum + row.passed, 0);
const failed = rows.reduce((sum, row) => sum + row.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
