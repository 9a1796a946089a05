/**
 * Keeps the node's packet filter as the cluster's NetworkPolicies say, until it is stopped. One argument: a
 * kubeconfig as `writeKubeconfig` makes it.
 */
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { run } from '../command.ts';
import type { KubeObject } from '../kube.ts';
import { sleep } from '../wait.ts';
import { rulesOf } from './rules.ts';
import { watch } from './watch.ts';

const paths = {
  pods: '/api/v1/pods',
  namespaces: '/api/v1/namespaces',
  policies: '/apis/networking.k8s.io/v1/networkpolicies',
} as const;

type Kind = keyof typeof paths;

const known: Readonly<Record<Kind, Map<string, KubeObject>>> = {
  pods: new Map(),
  namespaces: new Map(),
  policies: new Map(),
};
const changes = new EventEmitter();
let isChanged = false;
let loaded = '';

const [kubeconfig = ''] = process.argv.slice(2);
const { server, ...client } = clientOf(kubeconfig);
for (const kind of Object.keys(paths) as Kind[]) void watchForEver(kind);
for (;;) {
  if (!isChanged) await once(changes, 'change');
  isChanged = false;
  await load();
}

async function load(): Promise<void> {
  const { pods, namespaces, policies } = known;
  const rules = rulesOf({
    pods: [...pods.values()],
    namespaces: [...namespaces.values()],
    policies: [...policies.values()],
  });
  if (rules === loaded) return;
  await run('nft', ['-f', '-'], { input: rules });
  loaded = rules;
}

/** A watch without a version begins with what is there; what went while there was none is forgotten before. */
async function watchForEver(kind: Kind): Promise<never> {
  for (;;) {
    known[kind].clear();
    await watch(`${server}${paths[kind]}?watch=1`, client, (type, object) => {
      const key = object.metadata.uid ?? '';
      if (type === 'DELETED') known[kind].delete(key);
      else known[kind].set(key, object);
      isChanged = true;
      changes.emit('change');
    }).catch((error: unknown) => console.error(`${kind}: ${String(error)}`));
    await sleep(500);
  }
}

function clientOf(path: string): { readonly server: string } & RequestOptions {
  const config = JSON.parse(readFileSync(path, 'utf8'));
  const { server, 'certificate-authority': ca } = config.clusters[0].cluster;
  const { 'client-certificate': cert, 'client-key': key } = config.users[0].user;
  return { server, ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
}
