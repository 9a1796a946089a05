import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.ts';

/** Outside the tree, so that a new clone finds what is there. `CLUSTER_CACHE` wins when set. */
export const cacheRoot: string = resolve(process.env['CLUSTER_CACHE'] || join(homedir(), '.cache/consonant-cluster'));

const tools = join(dirname(fileURLToPath(import.meta.url)), 'tools');

interface Part {
  readonly folder: string;
  readonly target: string;
}

/** What is built from pinned Go modules, by the name of its binary. */
const parts = {
  etcd: { folder: tools, target: 'go.etcd.io/etcd/server/v3' },
  'kube-apiserver': { folder: tools, target: 'k8s.io/kubernetes/cmd/kube-apiserver' },
  'kube-controller-manager': { folder: tools, target: 'k8s.io/kubernetes/cmd/kube-controller-manager' },
  'kube-scheduler': { folder: tools, target: 'k8s.io/kubernetes/cmd/kube-scheduler' },
  kubelet: { folder: tools, target: 'k8s.io/kubernetes/cmd/kubelet' },
  'kube-proxy': { folder: tools, target: 'k8s.io/kubernetes/cmd/kube-proxy' },
  coredns: { folder: tools, target: './coredns' },
  pause: { folder: tools, target: './pause' },
  cloudflared: {
    folder: join(tools, 'cloudflared'),
    target: 'github.com/cloudflare/cloudflared/cmd/cloudflared',
  },
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof parts;

const partNames = Object.keys(parts) as PartName[];

/** Where the binaries of these exact modules are kept. */
function cacheFolder(folder: string): string {
  const hash = createHash('sha256');
  const sources = ['go.mod', 'go.sum', ...(folder === tools ? ['coredns/main.go', 'pause/main.go'] : [])];
  for (const source of sources) hash.update(readFileSync(join(folder, source)));
  return join(cacheRoot, hash.digest('hex').slice(0, 16));
}

export function partBinary(name: PartName): string {
  return join(cacheFolder(parts[name].folder), name);
}

/** Of those, what a cold cache lacks. A cluster that is there needs only what runs beside the relayer. */
export function missingParts(isOwnCluster: boolean): readonly PartName[] {
  const needed = isOwnCluster ? partNames : (['cloudflared'] as const);
  return needed.filter((name) => !existsSync(partBinary(name)));
}

/**
 * Builds what is missing, one after the other; says how long each took. Cold, that is most of an hour on two cores.
 * @param folder for what the compiler leaves behind when it is interrupted
 */
export async function buildParts(isOwnCluster: boolean, folder: string, signal: AbortSignal): Promise<void> {
  for (const name of missingParts(isOwnCluster)) {
    const started = performance.now();
    const binary = partBinary(name);
    mkdirSync(dirname(binary), { recursive: true });
    const flags = ['-trimpath', '-buildvcs=false', '-p', process.env['CLUSTER_BUILD_JOBS'] ?? '2'];
    await run('go', ['build', ...flags, '-ldflags', versionFlags(), '-o', `${binary}.part`, parts[name].target], {
      cwd: parts[name].folder,
      environment: { CGO_ENABLED: '0', GOTMPDIR: folder },
      timeoutMs: 3_600_000,
      signal,
    });
    renameSync(`${binary}.part`, binary);
    console.log(`built ${name} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
}

/** Without these a self-built API server says v0.0.0, and Helm refuses charts with a `kubeVersion`. */
function versionFlags(): string {
  const version = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/.exec(readFileSync(join(tools, 'go.mod'), 'utf8'));
  if (version === null) throw new Error('tools/go.mod names no version of k8s.io/kubernetes');
  const [, git = '', major = '', minor = ''] = version;
  const values = { gitVersion: git, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  return [
    '-s -w',
    ...Object.entries(values).map(([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`),
  ].join(' ');
}
