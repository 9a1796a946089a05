import { mkdirSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { backendHosts } from './addresses.ts';
import { Backend } from './backend.ts';
import type { Cluster } from './cluster.ts';
import { run } from './command.ts';
import { Kube, type KubeObject } from './kube.ts';
import {
  createDefinitions,
  createNamespace,
  foreignNamespaces,
  removeDefinitions,
  removeNamespaces,
} from './made-here.ts';
import { reachFrom, startProbePods } from './probe.ts';
import { Processes } from './processes.ts';
import { sceneNamespaces } from './scenarios.ts';
import { changeCorefile, withTestNames, withoutTestNames } from './test-names.ts';

/** What has to be known of a cluster that is there already. */
export interface GivenCluster {
  readonly kubeconfig: string;
  /** An address of this machine that its pods reach. */
  readonly backendAddress: string;
  /** A command that takes the path of an archive with an image as its last argument. */
  readonly loadImage: string;
}

/** From the environment; undefined without `KUBECONFIG`. What `givenClusterProblems` finds is left as it is. */
export function givenClusterFrom(environment: NodeJS.ProcessEnv): GivenCluster | undefined {
  const { KUBECONFIG, CLUSTER_BACKEND_ADDRESS = '', CLUSTER_LOAD_IMAGE = '' } = environment;
  if (KUBECONFIG === undefined || KUBECONFIG === '') return undefined;
  return { kubeconfig: KUBECONFIG, backendAddress: CLUSTER_BACKEND_ADDRESS, loadImage: CLUSTER_LOAD_IMAGE };
}

/** What is missing beside `KUBECONFIG`, one sentence each. */
export function givenClusterProblems({ backendAddress, loadImage }: GivenCluster): readonly string[] {
  const address =
    'With `KUBECONFIG`, set `CLUSTER_BACKEND_ADDRESS` to an IPv4 address of this machine that the pods reach. (Without `KUBECONFIG`, the run brings up a cluster of its own.)';
  const command =
    'With `KUBECONFIG`, set `CLUSTER_LOAD_IMAGE` to a command that loads an image archive, such as `kind load image-archive`.';
  return [...(isIPv4(backendAddress) ? [] : [address]), ...(loadImage === '' ? [command] : [])];
}

/** What the run has to know of the cluster before it changes anything. */
export interface ClusterFacts {
  /** Whether the kubeconfig's user may do everything. */
  readonly isAdmin: boolean;
  /** Of each node, such as `amd64`. */
  readonly architectures: readonly string[];
  /** Those namespaces that the scenarios need, and somebody else has made. */
  readonly foreignNamespaces: readonly string[];
}

/** What makes a cluster unfit, one sentence each. */
export function unfitBecause({ isAdmin, architectures, foreignNamespaces }: ClusterFacts): readonly string[] {
  const others = architectures.filter((name) => name !== 'amd64');
  return [
    ...(isAdmin ? [] : ['The user of `KUBECONFIG` has to be bound to `cluster-admin`.']),
    ...(others.length === 0 ? [] : [`The images are made for amd64: there are nodes with ${others.join(', ')}.`]),
    ...foreignNamespaces.map(
      (name) =>
        `There is a namespace ${name} that these tests did not make: use a cluster made for them, or delete it.`,
    ),
  ];
}

/** What the run has made before it turns to the cluster. */
export interface Prepared {
  /** For everything that it keeps. */
  readonly folder: string;
  /** Archives to load. */
  readonly images: readonly string[];
  /** Interrupts the commands of the scenarios; those of `leave` run all the same. */
  readonly signal: AbortSignal;
}

/** What makes the cluster unfit for a run, one sentence each. Nothing is changed in it. */
export async function whyUnfit({ kubeconfig }: GivenCluster): Promise<readonly string[]> {
  return unfitBecause(await factsOf(new Kube(kubeconfig)));
}

/**
 * Prepares it: images, the definitions of custom resources that it lacks, the backend's names in its DNS. `leave` stops
 * what was started here and takes all of that away again but the images.
 * @throws Error when it could not be prepared; it is left as it was
 */
export async function useCluster(
  given: GivenCluster,
  { folder, images, signal }: Prepared,
): Promise<Cluster & { leave(): Promise<void> }> {
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  const processes = new Processes(logs);
  const own = new Kube(given.kubeconfig);
  const leave = async (): Promise<void> => {
    const steps = [
      () => processes.stopAll(),
      () => changeCorefile(own, withoutTestNames),
      () => removeNamespaces(own),
      () => removeDefinitions(own),
    ];
    for (const step of steps) await step().catch((error: unknown) => console.error(String(error)));
  };
  try {
    for (const image of images) await loadImage(given, image, signal);
    const kube = new Kube(given.kubeconfig, signal);
    await removeNamespaces(kube);
    await createDefinitions(kube);
    const names = { backend: given.backendAddress, hasEdge: true };
    await changeCorefile(kube, (corefile) => withTestNames(corefile, names));
    const backend = await Backend.create(folder, processes, { address: given.backendAddress });
    await backend.start({ fresh: true });
    await assertPodsReach(kube, given.backendAddress);
    return { kube, backend, processes: new Processes(logs), isOwn: false, leave };
  } catch (error) {
    await leave();
    throw error;
  }
}

async function factsOf(kube: Kube): Promise<ClusterFacts> {
  const { stdout } = await kube.tryKubectl(['auth', 'can-i', '*', '*', '--all-namespaces']);
  if (stdout.trim() === 'no') return { isAdmin: false, architectures: [], foreignNamespaces: [] };
  const nodes = await nodesOf(kube);
  return {
    isAdmin: true,
    architectures: nodes.map(({ status }) => status.nodeInfo.architecture),
    foreignNamespaces: await foreignNamespaces(kube, sceneNamespaces),
  };
}

/** From every node that takes pods, before scenario after scenario runs into its time limit. */
async function assertPodsReach(kube: Kube, address: string): Promise<void> {
  const namespace = 'cluster-tests';
  const nodes = await nodesOf(kube);
  const open = nodes.filter(({ spec }) => spec.unschedulable !== true && (spec.taints ?? []).length === 0);
  await createNamespace(kube, namespace);
  const pods = open.map(({ metadata }, i) => ({ name: `probe-${i}`, namespace, labels: {}, node: metadata.name }));
  await startProbePods({ kube }, pods);
  for (const pod of pods) {
    const [reach] = await reachFrom({ kube }, { ...pod, container: 'probe' }, [[backendHosts[0] ?? '', 443]]);
    if (reach !== 'open')
      throw new Error(`Pods on ${pod.node} don't reach port 443 of CLUSTER_BACKEND_ADDRESS, ${address}: ${reach}.`);
  }
  await removeNamespaces(kube);
}

async function nodesOf(kube: Kube): Promise<readonly KubeObject[]> {
  const list = await kube.kubectl(['get', 'nodes', '-o', 'json']);
  return (JSON.parse(list) as { readonly items: readonly KubeObject[] }).items;
}

/** By the user's shell, as the user's command may quote and redirect. */
async function loadImage({ loadImage: command }: GivenCluster, archive: string, signal: AbortSignal): Promise<void> {
  await run('sh', ['-c', `${command} "$1"`, 'sh', archive], { timeoutMs: 300_000, signal });
}
