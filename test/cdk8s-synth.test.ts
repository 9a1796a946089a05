import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { printConsonantChart } from '../src/print-chart.ts';
import { scratchFolder } from './helm/scratch.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

test('the ordinary `cdk8s synth` writes the same chart', () => {
  const output = join(scratchFolder('synth'), 'out');
  const cdk8s = join(root, 'node_modules/cdk8s-cli/bin/cdk8s');
  const run = spawnSync(process.execPath, [cdk8s, 'synth', '--check-upgrade=false', '--output', output], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(run.status, run.stderr).toBe(0);
  const { name, files } = printConsonantChart();
  for (const [path, text] of files) expect(readFileSync(join(output, name, path), 'utf8')).toBe(text);
  rmSync(output, { recursive: true });
});
