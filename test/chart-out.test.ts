import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { printConsonantChart } from '../src/print-chart.ts';
import { helmVersions } from './helm/binaries.ts';
import { runHelm } from './helm/run.ts';

const committed = fileURLToPath(new URL('../chart-out/consonant-relayer', import.meta.url));

function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

describe('chart-out', () => {
  const printed = printConsonantChart().files;

  test('holds exactly the files that the sources print', () => {
    expect(filesBelow(committed).toSorted()).toEqual([...printed.keys()].toSorted());
  });

  test.each([...printed.keys()])('%s is what the sources print now', (path) => {
    expect(readFileSync(join(committed, path), 'utf8')).toBe(printed.get(path));
  });

  test('has a schema of at most 150 KB', () => {
    expect(Buffer.byteLength(printed.get('values.schema.json') ?? '')).toBeLessThan(150 * 1024);
  });

  test.each(helmVersions)('passes `helm lint --strict` of Helm %s with the required values', (version) => {
    const required = ['cluster.name=abc', 'backend.url=https://a.test', 'cloudflare.tunnelToken=eyJ', 'llm.apiKey=sk-'];
    const run = runHelm(version, ['lint', '--strict', committed, ...required.flatMap((value) => ['--set', value])]);
    expect(run.stdout + run.stderr).toContain('0 chart(s) failed');
  });

  test.each(helmVersions)('is packaged by Helm %s with every template, test and document', (version) => {
    const run = runHelm(version, ['show', 'all', committed]);
    expect(run.ok, run.stderr).toBe(true);
  });
});
