import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { helmBinary, helmVersions, kubectlBinary } from './binaries.ts';
import { runHelm } from './run.ts';
import { scratchFolder } from './scratch.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.each(helmVersions)('Helm %s', (version) => {
  it('is a binary of that version', () => {
    expect(runHelm(version, ['version', '--short']).stdout).toMatch(`v${version}.`);
  });

  it('reads nothing of the user’s', () => {
    const { stdout } = runHelm(version, ['env']);
    expect(stdout).toContain('consonant-helm-');
    expect(stdout).not.toMatch(/="\/(root|home)\//);
  });

  it('may be another binary, but of the same version', () => {
    const variable = `HELM_BIN_${version.replace('.', '_')}`;
    const own = helmBinary(version);
    vi.stubEnv(variable, own);
    expect(helmBinary(version)).toBe(own);
    vi.stubEnv(variable, helmBinary(version === '4.1' ? '3.17' : '4.1'));
    expect(() => helmBinary(version)).toThrow(`set \`${variable}\``);
    vi.stubEnv(variable, '/nowhere/helm');
    expect(() => helmBinary(version)).toThrow(/\/nowhere\/helm is no helm-.*ENOENT/);
  });
});

it('finds kubectl', () => {
  expect(kubectlBinary()).toContain('kubectl');
});

it('says what to set where nothing can be unpacked', async () => {
  vi.stubEnv('HELM_BIN_3_18', '');
  vi.resetModules();
  const fresh = await import('./binaries.ts');
  const platform = vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
  expect(() => fresh.helmBinary('3.18')).toThrow(/^No helm-3\.18 for darwin .*`HELM_BIN_3_18`/);
  platform.mockRestore();
});

it('is unpacked by several processes at once', async () => {
  const folder = scratchFolder('unpack');
  const [archive, target, script] = ['layer.zip', 'binaries/tool', 'unpack.mts'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const tool = '#!/bin/sh\necho tool\n'.padEnd(20_000_000, '#');
  writeFileSync(archive, zipSync({ 'bin/tool': Buffer.from(tool), other: Buffer.from('x') }, { level: 1 }));
  const module = JSON.stringify(new URL('binaries.ts', import.meta.url).href);
  writeFileSync(
    script,
    `import { unpackEntry } from ${module};\nunpackEntry(${JSON.stringify(archive)}, 'bin/tool', ${JSON.stringify(target)}, () => {});\nprocess.stdout.write('done');\n`,
  );
  const tsx = fileURLToPath(new URL('../../node_modules/.bin/tsx', import.meta.url));
  expect(await Promise.all([1, 2, 3].map(() => outputOf(tsx, [script])))).toEqual(['done', 'done', 'done']);
  expect(readdirSync(join(folder, 'binaries'))).toEqual(['tool']);
  expect(await outputOf(target, [])).toBe('tool\n');
});

function outputOf(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.once('error', reject);
    child.once('close', () => resolve(output));
  });
}
