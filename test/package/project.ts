/** The package as npm would publish it, and projects that have it installed. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const root: string = join(import.meta.dirname, '..', '..');

/** The package's name, and its path below a `node_modules`. */
export const packageName = '@consonant/relayer-chart';

/** A program of ours that is run by Node, as a path below `node_modules`. */
export function installed(path: string): string {
  return join(root, 'node_modules', path);
}

export interface Finished {
  readonly status: number;
  /** Standard output, then standard error. */
  readonly output: string;
}

/** Runs a program to its end, whatever its exit status. */
export function run(command: string, args: readonly string[], cwd: string): Promise<Finished> {
  const { CDK8S_OUTDIR: _output, FORCE_COLOR: _color, ...inherited } = process.env;
  const env = { ...inherited, NO_COLOR: '1', npm_config_loglevel: 'error', CDK8S_CHECK_UPGRADE: 'false' };
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ status, output: `${stdout}${stderr}` });
    });
  });
}

export function runNode(args: readonly string[], cwd: string): Promise<Finished> {
  return run(process.execPath, args, cwd);
}

export interface Packed {
  /** A folder of this test run. */
  readonly folder: string;
  readonly tarball: string;
  /** The unpacked package. */
  readonly contents: string;
}

/** `npm pack` with its build, unpacked. */
export async function pack(): Promise<Packed> {
  const folder = mkdtempSync(join(tmpdir(), 'relayer-package-'));
  const packed = await run('npm', ['pack', '--pack-destination', folder], root);
  const [file] = readdirSync(folder);
  if (packed.status !== 0 || file === undefined) throw new Error(`npm pack failed:\n${packed.output}`);
  const unpacked = await run('tar', ['-xzf', file], folder);
  if (unpacked.status !== 0) throw new Error(`tar failed:\n${unpacked.output}`);
  return { folder, tarball: join(folder, file), contents: join(folder, 'package') };
}

/**
 * A project with the package as npm would install it: a copy in its `node_modules`, beside links to what the package
 * and the project depend on. `links` maps names to folders below our `node_modules`.
 */
export function newProject(packed: Packed, name: string, links: Readonly<Record<string, string>>): string {
  const project = join(packed.folder, name);
  const modules = join(project, 'node_modules');
  mkdirSync(dirname(join(modules, packageName)), { recursive: true });
  cpSync(packed.contents, join(modules, packageName), { recursive: true });
  for (const [link, target] of Object.entries({ ...dependencies, ...links })) {
    mkdirSync(dirname(join(modules, link)), { recursive: true });
    symlinkSync(installed(target), join(modules, link), 'dir');
  }
  return project;
}

/** What the package and its peers need. */
const dependencies = {
  cdk8s: 'cdk8s',
  'cdk8s-plus-28': 'cdk8s-plus-28',
  constructs: 'constructs',
  yaml: 'yaml',
  zod: 'zod',
  '@types/node': '@types/node',
  '.bin': '.bin',
};
