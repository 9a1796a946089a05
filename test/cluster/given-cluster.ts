import { mkdirSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { backendHosts } from './addresses.ts';
import { Backend } from './backend.ts';
import type { Cluster } from './cluster.ts';
import { run } from './command.ts';
import { Kube } from './kube.ts';
import { Processes } from './processes.ts';

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
    'With `KUBECONFIG`, set `CLUSTER_BACKEND_ADDRESS` to an IPv4 address of this machine that the pods reach.';
  const command =
    'With `KUBECONFIG`, set `CLUSTER_LOAD_IMAGE` to a command that loads an image archive, such as `kind load image-archive`.';
  return [...(isIPv4(backendAddress) ? [] : [address]), ...(loadImage === '' ? [command] : [])];
}

/**
 * Prepares it: images, the definitions of custom resources, the backend's names in its DNS. `leave` stops what was
 * started here and gives its DNS back; images and definitions stay.
 */
export async function useCluster(
  given: GivenCluster,
  folder: string,
  images: readonly string[],
): Promise<Cluster & { leave(): Promise<void> }> {
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  const processes = new Processes(logs);
  const kube = new Kube(given.kubeconfig);
  const [program = '', ...args] = given.loadImage.split(' ');
  for (const image of images) await run(program, [...args, image], { timeoutMs: 300_000 });
  await kube.kubectl(['apply', '-f', fileURLToPath(new URL('../../imports/crds', import.meta.url))]);
  const corefile = (await kube.get('configmap', 'coredns', 'kube-system'))?.['data'].Corefile as string | undefined;
  if (corefile === undefined) throw new Error('the cluster has no ConfigMap coredns in kube-system');
  const leave = async (): Promise<void> => {
    await processes.stopAll();
    await setCorefile(kube, corefile);
  };
  try {
    await setCorefile(kube, withHosts(corefile, `${given.backendAddress} ${backendHosts.join(' ')}`));
    const backend = await Backend.create(folder, processes, { address: given.backendAddress });
    return { kube, backend, processes: new Processes(logs), isOwn: false, leave };
  } catch (error) {
    await leave();
    throw error;
  }
}

/** CoreDNS takes one `hosts` in a server block. */
function withHosts(corefile: string, line: string): string {
  const block = /^[ \t]*hosts .*\{\n/m;
  if (block.test(corefile)) return corefile.replace(block, (start) => `${start}${line}\n`);
  return corefile.replace('{\n', `{\nhosts {\n${line}\nfallthrough\n}\n`);
}

async function setCorefile(kube: Kube, corefile: string): Promise<void> {
  const patch = JSON.stringify({ data: { Corefile: corefile } });
  await kube.kubectl(['patch', 'configmap', 'coredns', '-n', 'kube-system', '--type=merge', '-p', patch]);
  await kube.kubectl(['rollout', 'restart', '-n', 'kube-system', 'deployment/coredns']);
  await kube.kubectl(['rollout', 'status', '-n', 'kube-system', 'deployment/coredns', '--timeout=90s'], {
    timeoutMs: 100_000,
  });
}
