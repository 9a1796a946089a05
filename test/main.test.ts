import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { printConsonantChart } from '../src/print-chart.ts';
import { scratchFolder } from './helm/scratch.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = [join(root, 'node_modules/tsx/dist/cli.mjs'), join(root, 'src/main.ts')];
const { name, files } = printConsonantChart();
const folders = new Set<string>();
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function outputFolder(): string {
  const folder = mkdtempSync(join(scratchFolder('main'), 'out-'));
  folders.add(folder);
  return folder;
}

function synth(output: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, program, { encoding: 'utf8', env: { ...process.env, CDK8S_OUTDIR: output } });
}

/** Kills it, with what it started, after so many milliseconds. */
function killedSynth(output: string, afterMs: number): Promise<void> {
  return new Promise((resolve) => {
    const env = { ...process.env, CDK8S_OUTDIR: output };
    const child = spawn(process.execPath, program, { env, detached: true, stdio: 'ignore' });
    const timer = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), afterMs);
    child.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function filesBelow(folder: string): ReadonlyMap<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [relative(folder, path), readFileSync(path, 'utf8')]));
}

const sorted = (of: ReadonlyMap<string, string>): readonly (readonly [string, string])[] =>
  [...of].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** A whole old chart, with a file that a new one has not. */
function writeOld(output: string): ReadonlyMap<string, string> {
  mkdirSync(join(output, name), { recursive: true });
  const old = new Map([
    ['Chart.yaml', 'old'],
    ['gone.yaml', 'old'],
  ]);
  for (const [path, text] of old) writeFileSync(join(output, name, path), text);
  return old;
}

describe('synth', () => {
  test('takes the place of the old chart, and leaves nothing else', () => {
    const output = outputFolder();
    writeOld(output);
    expect(synth(output)).toMatchObject({ status: 0, stdout: `${files.size} files in ${join(output, name)}\n` });
    expect(readdirSync(output)).toEqual([name]);
    expect(sorted(filesBelow(join(output, name)))).toEqual(sorted(files));
  });

  test('killed at any moment leaves the old chart or the new one, and the next run cleans up', async () => {
    const output = outputFolder();
    const started = performance.now();
    synth(output);
    const takesMs = performance.now() - started;
    for (let run = 0; run < 10; run += 1) {
      rmSync(join(output, name), { recursive: true, force: true });
      const old = sorted(writeOld(output));
      // The writing is at the end, so most of the moments are there.
      await killedSynth(output, takesMs * (0.5 + 0.6 * Math.random()));
      // Killed between the two renames, the old chart is whole beside its place.
      const place = readdirSync(output).find((entry) => entry === name) ?? oldOf(output);
      const found = sorted(filesBelow(join(output, place)));
      expect([old, sorted(files)]).toContainEqual(found);
    }
    expect(synth(output).status).toBe(0);
    expect(readdirSync(output)).toEqual([name]);
    expect(sorted(filesBelow(join(output, name)))).toEqual(sorted(files));
  }, 120_000);

  test('puts back a chart that a killed process had moved away, and removes its files', () => {
    const output = outputFolder();
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    mkdirSync(join(output, `.old-${dead}-${name}`));
    mkdirSync(join(output, `.new-${dead}-${name}`));
    writeFileSync(join(output, '.new-something'), 'of somebody else');
    expect(synth(output).status).toBe(0);
    expect(readdirSync(output).toSorted()).toEqual(['.new-something', name]);
  });

  test('says in one line that it can not write, and leaves what is there', () => {
    const output = join(outputFolder(), 'file');
    writeFileSync(output, 'in the way');
    const { status, stderr } = synth(output);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^the chart can't be written to .*\n$/);
    expect(readFileSync(output, 'utf8')).toBe('in the way');
  });
});

function oldOf(output: string): string {
  return readdirSync(output).find((entry) => entry.startsWith('.old-')) ?? 'neither';
}
