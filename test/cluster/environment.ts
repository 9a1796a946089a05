import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot } from './parts.ts';

/** What would turn kubectl, Helm, etcd or containerd away from this cluster, or send them to a proxy. */
const foreign = /^(HELM_(?!BIN_)|KUBE(?!CTL_BIN$)|XDG_|ETCD_|CONTAINERD_)|_proxy$/i;

/**
 * For everything that runs in the namespaces: nothing of the user's settings, and a home in `folder`, so that what
 * kubectl and Helm keep of a cluster goes with it.
 */
export function innerEnvironment(outer: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const kept = Object.entries(outer).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(kept), HOME: home, CLUSTER_CACHE: cacheRoot };
}
