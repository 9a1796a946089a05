import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from './cluster.ts';
import { createNamespace, removeNamespaces } from './made-here.ts';
import type { Scenario, Scene } from './scenario.ts';

const here = fileURLToPath(new URL('scenarios', import.meta.url));

export interface Outcome {
  readonly name: string;
  readonly result: 'pass' | 'fail' | 'skipped';
  readonly seconds: number;
  readonly error?: unknown;
}

/** Those of every file in `scenarios/`, in the order of the files' names. */
export async function loadScenarios(): Promise<readonly Scenario[]> {
  const files = readdirSync(here)
    .filter((file) => file.endsWith('.ts'))
    .toSorted();
  const modules = await Promise.all(
    files.map((file) => import(join(here, file)) as Promise<{ readonly scenarios: readonly Scenario[] }>),
  );
  return modules.flatMap(({ scenarios }) => scenarios);
}

const namespace = 'consonant-system';
const agentNamespace = 'kagent';
/** Each scenario gets them new and empty. */
export const sceneNamespaces: readonly string[] = [namespace, agentNamespace];
const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };

export async function runScenario(scenario: Scenario, cluster: Cluster, folder: string): Promise<Outcome> {
  const started = performance.now();
  const own = join(folder, scenario.name);
  mkdirSync(own, { recursive: true });
  const scene: Scene = { kube: cluster.kube, backend: cluster.backend, namespace, agentNamespace, folder: own };
  const outcome = (result: Outcome['result'], error?: unknown): Outcome => {
    return { name: scenario.name, result, seconds: (performance.now() - started) / 1000, error };
  };
  if (scenario.needsOwnCluster === true && !cluster.isOwn) return outcome('skipped');
  try {
    await cluster.backend.restart({ fresh: true });
    for (const name of sceneNamespaces) await createNamespace(cluster.kube, name, restricted);
    await scenario.run(scene);
    return outcome('pass');
  } catch (error) {
    console.error(await describeNamespace(cluster).catch((reason: unknown) => String(reason)));
    return outcome('fail', error);
  } finally {
    await removeNamespaces(cluster.kube).catch((reason: unknown) => console.error(String(reason)));
  }
}

/** What one would look at first after a failure. */
async function describeNamespace({ kube, backend }: Cluster): Promise<string> {
  const texts = [`backend: ${backend.endOfLog}`];
  for (const name of sceneNamespaces) {
    texts.push(await kube.kubectl(['get', 'all', '-n', name, '-o', 'wide']));
    texts.push(await kube.kubectl(['get', 'events', '-n', name, '--sort-by=.lastTimestamp']));
    for (const pod of await kube.list('pods', name)) {
      const { stdout } = await kube.tryKubectl([
        'logs',
        '-n',
        name,
        pod.metadata.name,
        '--all-containers',
        '--prefix',
        '--tail=15',
      ]);
      texts.push(stdout);
    }
  }
  return texts.join('\n');
}
