import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from './cluster.ts';
import { guarded } from './guard.ts';
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
      console.error(await describeNamespace(cluster).catch((reason: unknown) => String(reason)));
    }
    return outcome('fail', error);
  } finally {
    if (processes.failure === undefined) {
      await removeNamespaces(cluster).catch((reason: unknown) => console.error(String(reason)));
    }
  }
}

async function prepareAndRun(scenario: Scenario, scene: Scene): Promise<void> {
  mkdirSync(scene.folder, { recursive: true });
  await scene.backend.restart({ fresh: true });
  for (const name of [namespace, agentNamespace]) await createNamespace(scene, name);
  await scenario.run(scene);
}

/** Without the grace that pods ask for: cloudflared alone would take half a minute. */
async function removeNamespaces({ kube }: Cluster): Promise<void> {
  for (const name of [namespace, agentNamespace]) {
    await kube.kubectl(['delete', 'namespace', name, '--ignore-not-found', '--wait=false']);
    await kube.kubectl(['delete', 'pods', '--all', '-n', name, '--grace-period=1', '--wait=false']);
  }
  const gone = ['delete', 'namespace', namespace, agentNamespace, '--ignore-not-found', '--timeout=150s'];
  await kube.kubectl(gone, { timeoutMs: 160_000 });
}

async function createNamespace({ kube }: Scene, name: string): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
}

/** What one would look at first after a failure. */
async function describeNamespace({ kube }: Cluster): Promise<string> {
  const texts: string[] = [];
  for (const name of [namespace, agentNamespace]) {
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
