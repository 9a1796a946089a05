import assert from 'node:assert/strict';
import { type HelmVersion, helmVersions } from '../../helm/binaries.ts';
import {
  clusterName,
  createBackendCa,
  fullName,
  install,
  oneReplica,
  quickStart,
  relayerPods,
  releaseName,
  setArguments,
  upgrade,
} from '../release.ts';
import type { Scenario, Scene } from '../scenario.ts';
import { until } from '../wait.ts';

export const scenarios: readonly Scenario[] = [
  ...helmVersions.map((helm) => ({
    name: `release-with-helm-${helm}`,
    run: (scene: Scene) => releaseComesChangesAndGoes(scene, helm),
  })),
  { name: 'credentials-backed-up-and-restored', run: credentialsComeBack },
];

async function releaseComesChangesAndGoes(scene: Scene, helm: HelmVersion): Promise<void> {
  const { kube, backend, namespace } = scene;
  await createBackendCa(scene);
  const there = await objectsIn(scene);
  const two = [...quickStart, ...setArguments({ 'relayer.replicas': '2' })];
  await install(scene, two, { helm });
  const { id } = await backend.cluster(clusterName);
  const first = await podNames(scene);

  await upgrade(scene, ['--reuse-values', ...setArguments({ 'relayer.logLevel': 'debug' })], { helm });
  const second = await podNames(scene);
  assert.deepEqual(
    second.filter((name) => first.includes(name)),
    [],
    'a changed value rolls every pod',
  );
  assert.equal(await logLevel(scene), 'debug');
  assert.equal((await relayerPods(scene)).length, 2, 'the other values stay');

  await upgrade(scene, ['--reuse-values'], { helm });
  assert.deepEqual(await podNames(scene), second, 'without a change no pod is rolled');

  await kube.helm(helm, ['rollback', releaseName, '1', '-n', namespace, '--wait', '--timeout', '240s']);
  assert.equal(await logLevel(scene), 'info');
  assert.deepEqual(
    (await podNames(scene)).filter((name) => second.includes(name)),
    [],
  );

  const before = await kube.get('secret', `${fullName}-cluster`, namespace);
  await kube.helm(helm, ['uninstall', releaseName, '-n', namespace, '--wait', '--timeout', '120s']);
  await until('only what is documented is left', async () => {
    const left = (await objectsIn(scene)).filter((name) => !there.includes(name));
    assert.deepEqual(left, [`secret/${fullName}-cluster`]);
    return true;
  });

  await install(scene, two, { helm });
  const clusters = await backend.clusters();
  assert.deepEqual(
    clusters.map((cluster) => cluster.id),
    [id],
    'the kept credentials are used again',
  );
  const after = await kube.get('secret', `${fullName}-cluster`, namespace);
  assert.deepEqual(after?.['data'], before?.['data']);
}

/** With the commands of the README's disaster recovery. */
async function credentialsComeBack(scene: Scene): Promise<void> {
  const { kube, backend, namespace } = scene;
  const secret = `${fullName}-cluster`;
  const one = [...quickStart, ...oneReplica];
  await createBackendCa(scene);
  await install(scene, one);
  const { id } = await backend.cluster(clusterName);
  const backup = await kube.kubectl(['get', 'secret', '-n', namespace, secret, '-o', 'yaml']);
  await kube.helm('4.1', ['uninstall', releaseName, '-n', namespace, '--wait', '--timeout', '120s']);

  await kube.kubectl(['delete', 'secret', '-n', namespace, secret, '--ignore-not-found']);
  await kube.kubectl(['apply', '-n', namespace, '-f', '-'], { input: backup });
  await install(scene, one);
  const restored = await backend.clusters();
  assert.deepEqual(
    restored.map((cluster) => cluster.id),
    [id],
    'no second cluster was registered',
  );
  await until('connected', async () => (await backend.cluster(clusterName)).connections.length === 1);
}

/** Without those that are on their way out. */
async function podNames(scene: Scene): Promise<readonly string[]> {
  return until(
    'old pods are gone',
    async () => {
      const pods = await relayerPods(scene);
      return (
        pods.every(({ metadata }) => !('deletionTimestamp' in metadata)) &&
        pods.map(({ metadata }) => metadata.name).toSorted()
      );
    },
    { timeoutMs: 90_000 },
  );
}

async function logLevel({ kube, namespace }: Scene): Promise<string> {
  return (await kube.get('configmap', `${fullName}-config`, namespace))?.['data'].LOG_LEVEL;
}

/** Names of everything in the namespace that stays, with its kind. */
async function objectsIn({ kube, namespace }: Scene): Promise<readonly string[]> {
  const all = (await kube.kubectl(['api-resources', '--namespaced', '--verbs=list', '-o', 'name'])).trim().split('\n');
  const kinds = all.filter((kind) => !/^(events|endpoints$)/.test(kind));
  const names = await kube.kubectl(['get', kinds.join(','), '-n', namespace, '-o', 'name', '--ignore-not-found']);
  return names
    .trim()
    .split('\n')
    .filter((name) => name !== '')
    .toSorted();
}
