import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type GivenCluster, givenClusterProblems } from './given-cluster.ts';
import { isNodeCached } from './images/node-binary.ts';
import { canMakeNamespaces, isAnotherKubeletThere } from './namespaces.ts';
import { missingParts } from './parts.ts';
import { type TemporaryFolder, temporaryFolderAt, temporaryFolderProblems } from './temporary-folder.ts';

/** Programs that a cluster of its own needs, and the Debian package that brings each. */
const programs: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  ip: 'iproute2',
  nft: 'nftables',
  conntrack: 'conntrack',
  iptables: 'iptables',
  openssl: 'openssl',
  curl: 'curl',
  unshare: 'util-linux',
};

/** What a run depends on. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly isRoot: boolean;
  readonly canMakeNamespaces: boolean;
  /** Whether no other run of a cluster of its own is under way. */
  readonly isFree: boolean;
  readonly isAnotherKubeletThere: boolean;
  /** What has to be built or fetched before the run. */
  readonly notCached: readonly string[];
  readonly has: (program: string) => boolean;
  readonly hasNetworkPlugins: boolean;
  readonly temporaryFolder: TemporaryFolder;
}

/** @param isOwnCluster whether the run brings up a cluster of its own */
export function thisMachine(isOwnCluster: boolean, isFree: boolean): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    isRoot: process.getuid?.() === 0,
    canMakeNamespaces: isOwnCluster && canMakeNamespaces(),
    isFree,
    isAnotherKubeletThere: isAnotherKubeletThere(),
    notCached: [...missingParts(isOwnCluster), ...(isNodeCached() ? [] : ['node'])],
    has: isOnPath,
    hasNetworkPlugins: existsSync('/usr/lib/cni/ptp'),
    temporaryFolder: temporaryFolderAt(tmpdir()),
  };
}

/**
 * What this machine lacks, one sentence each.
 * @param given the cluster to use; undefined: one of the run's own
 * @param mayBuild whether the run may build and fetch what the cache lacks
 */
export function missingRequirements(
  machine: Machine,
  given: GivenCluster | undefined,
  mayBuild: boolean,
): readonly string[] {
  const { notCached, has } = machine;
  const problems = given === undefined ? ownClusterProblems(machine) : [...givenClusterProblems(given)];
  if (machine.platform !== 'linux' || machine.arch !== 'x64') problems.unshift('It needs Linux on x64.');
  const tools = given === undefined ? [] : ['openssl', 'curl', 'setpriv'].filter((name) => !has(name));
  if (tools.length > 0) problems.push(`It needs ${tools.join(', ')}.`);
  const toBuild = notCached.filter((name) => name !== 'node');
  if (!mayBuild && notCached.length > 0)
    problems.push(`The cache lacks ${notCached.join(', ')}: npm run test:cluster makes them, in up to an hour.`);
  if (toBuild.length > 0 && !has('go')) problems.push(`It needs Go 1.26 or newer to build ${toBuild.join(', ')}.`);
  return problems;
}

function ownClusterProblems(machine: Machine): string[] {
  const problems: string[] = [];
  if (!machine.isRoot) problems.push('It needs root, for namespaces and containers.');
  else if (machine.has('unshare') && !machine.canMakeNamespaces)
    problems.push('It may not make namespaces: in a container, it needs a privileged one.');
  const lacking = Object.entries(programs).filter(([name]) => !machine.has(name));
  const packages = new Set(lacking.map(([, owner]) => owner));
  if (!machine.hasNetworkPlugins) packages.add('containernetworking-plugins');
  const names = [...packages];
  if (names.length > 0)
    problems.push(
      `It needs Debian's packages ${names.join(', ')}: apt-get install -y --no-install-recommends ${names.join(' ')}`,
    );
  if (lacking.length > 0) problems.push(`Not on the PATH: ${lacking.map(([name]) => name).join(', ')}.`);
  problems.push(...temporaryFolderProblems(machine.temporaryFolder));
  if (!machine.isFree) problems.push('Another run has a cluster on this machine: wait until it is over.');
  if (machine.isAnotherKubeletThere)
    problems.push('There are processes in cgroups named kubepods: another kubelet runs on this machine.');
  return problems;
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}
