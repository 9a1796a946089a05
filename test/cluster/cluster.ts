import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addresses } from './addresses.ts';
import { Backend } from './backend.ts';
import { nodeName, startControlPlane } from './control-plane.ts';
import { startDns } from './dns.ts';
import { guarded } from './guard.ts';
import { Kube, isReady } from './kube.ts';
import { createDefinitions } from './made-here.ts';
import { backendNamespace, createNetwork } from './network.ts';
import { startNode } from './node.ts';
import { Processes } from './processes.ts';
import { until } from './wait.ts';

export interface Cluster {
  readonly kube: Kube;
  readonly backend: Backend;
  /** What it consists of: none for one that was there before. */
  readonly processes: Processes;
  /** False for one that was there before: its node can't be reached into. */
  readonly isOwn: boolean;
}

/**
 * A whole cluster of one node in the namespaces that this process runs in, which have to be its own.
 * @param folder for everything that it keeps; logs go to `logs` in it
 * @param images archives to load into its container runtime
 */
export async function startCluster(folder: string, images: readonly string[]): Promise<Cluster> {
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  const processes = new Processes(logs);
  const { broken } = processes;
  const kube = await guarded(() => startParts(folder, images, processes), { timeoutMs: 600_000, broken });
  return {
    kube,
    processes,
    backend: await Backend.create(folder, new Processes(logs), {
      address: addresses.backend,
      networkNamespace: backendNamespace,
    }),
    isOwn: true,
  };
}

async function startParts(folder: string, images: readonly string[], processes: Processes): Promise<Kube> {
  await createNetwork();
  const plane = await startControlPlane(folder, processes);
  const kube = new Kube(plane.kubeconfigs.admin);
  await until('the API server is ready', () => kube.kubectl(['get', '--raw', '/readyz']), { timeoutMs: 180_000 });
  await startNode(folder, processes, plane, images);
  const enforcer = fileURLToPath(new URL('network-policy/enforce.ts', import.meta.url));
  processes.start('network-policy', process.execPath, [...process.execArgv, enforcer, kube.kubeconfig]);
  await until(
    'the node is ready',
    async () => {
      const node = await kube.get('node', nodeName);
      return node !== undefined && isReady(node);
    },
    { timeoutMs: 120_000 },
  );
  await createDefinitions(kube);
  await startDns(kube, { backend: addresses.backend, hasEdge: true });
  return kube;
}
