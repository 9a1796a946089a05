import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from './cluster.ts';
import { guarded } from './guard.ts';
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

/**
 * Those with these names, in their own order; undefined: all.
 * @throws Error that says which names there are, when one of `only` is none of them
 */
export function chosenFrom(scenarios: readonly Scenario[], only: readonly string[] | undefined): readonly Scenario[] {
  const names = scenarios.map(({ name }) => name);
  const unknown = only?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length > 0) throw new Error(`no scenario ${unknown.join(', ')}: there are ${names.join(', ')}`);
  return scenarios.filter(({ name }) => only?.includes(name) ?? true);
}

/** Ten times what the slowest takes. */
const timeoutMs = 600_000;

const namespace = 'consonant-system';
const agentNamespace = 'kagent';
/** Each scenario gets them new and empty. */
export const sceneNamespaces: readonly string[] = [namespace, agentNamespace];
const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };

export async function runScenario(scenario: Scenario, cluster: Cluster, folder: string): Promise<Outcome> {
  const started = performance.now();
  const { kube, backend, processes } = cluster;
  const scene: Scene = { kube, backend, namespace, agentNamespace, folder: join(folder, scenario.name) };
  const outcome = (result: Outcome['result'], error?: unknown): Outcome => {
    return { name: scenario.name, result, seconds: (performance.now() - started) / 1000, error };
  };
  if (scenario.needsOwnCluster === true && !cluster.isOwn) return outcome('skipped');
  // Its log is with the scenario that was under way.
  const [gone] = processes.failure?.message.split(':\n') ?? [];
  if (gone !== undefined) return outcome('fail', new Error(gone));
  try {
    await guarded(() => prepareAndRun(scenario, scene), { timeoutMs, broken: processes.broken });
    return outcome('pass');
  } catch (error) {
    // Without one of its parts a cluster answers late or never.
    if (processes.failure === undefined) {
      console.error(await describeNamespaces(cluster).catch((reason: unknown) => String(reason)));
    }
    return outcome('fail', error);
  } finally {
    if (processes.failure === undefined) {
      await removeNamespaces(kube).catch((reason: unknown) => console.error(String(reason)));
    }
  }
}

async function prepareAndRun(scenario: Scenario, scene: Scene): Promise<void> {
  const { kube, backend, folder } = scene;
  mkdirSync(folder, { recursive: true });
  await backend.restart({ fresh: true });
  for (const name of sceneNamespaces) await createNamespace(kube, name, restricted);
  await scenario.run(scene);
}

/** What one would look at first after a failure. */
async function describeNamespaces({ kube, backend }: Cluster): Promise<string> {
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
