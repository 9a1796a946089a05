import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { assertStored, finished, sentBy, startAgent, stopAgent } from '../agent/agent.ts';
import { nodeName } from '../control-plane.ts';
import { isReady } from '../kube.ts';
import {
  clusterName,
  createBackendCa,
  fullName,
  install,
  quickStart,
  relayerPods,
  restartsOf,
  setArguments,
} from '../release.ts';
import type { Scenario, Scene } from '../scenario.ts';
import { sleep, until } from '../wait.ts';

const traceId = '6'.repeat(32);
const agent = 'busy-agent';
/** More than any scenario waits for, and no more spans than the backend shows of one trace. */
const mostRequests = 990;

export const scenarios: readonly Scenario[] = [
  { name: 'container-killed-under-load', needsOwnCluster: true, run: containerKilled },
  { name: 'pod-deleted-under-load', run: podDeleted },
  { name: 'backend-crash-under-load', run: backendCrashed },
  { name: 'drain-under-load', needsOwnCluster: true, run: nodeDrained },
  { name: 'claimed-queue-and-backend-down', needsOwnCluster: true, run: claimedQueueKept },
];

async function containerKilled(scene: Scene): Promise<void> {
  await installUnderLoad(scene, { replicas: 1 });
  await scene.backend.stop();
  await someMore(scene, 20);
  killRelayers();
  await until('the container runs again', async () => {
    const [pod] = await relayerPods(scene);
    return pod !== undefined && isReady(pod) && restartsOf(pod, 'relayer') > 0;
  });
  await scene.backend.start();
  await assertConserved(scene);
}

async function podDeleted(scene: Scene): Promise<void> {
  await installUnderLoad(scene, { replicas: 1 });
  for (let round = 0; round < 2; round++) {
    const [pod] = await relayerPods(scene);
    await scene.kube.kubectl(['delete', 'pod', '-n', scene.namespace, pod?.metadata.name ?? '', '--timeout=90s'], {
      timeoutMs: 100_000,
    });
    await someMore(scene, 20);
  }
  await assertConserved(scene);
}

async function backendCrashed(scene: Scene): Promise<void> {
  await installUnderLoad(scene, { replicas: 2 });
  for (let round = 0; round < 3; round++) {
    await scene.backend.stop('SIGKILL');
    await someMore(scene, 20);
    assert.deepEqual((await relayerPods(scene)).map(isReady), [true, true], 'an outage leaves the pods ready');
    await scene.backend.start();
  }
  await assertConserved(scene);
}

/** The node is given back at once, or the new pods would have nowhere to go: the drain goes on all the same. */
async function nodeDrained(scene: Scene): Promise<void> {
  const { kube, namespace } = scene;
  await installUnderLoad(scene, { replicas: 2 });
  const before = (await relayerPods(scene)).map(({ metadata }) => metadata.name);
  const selector = 'app.kubernetes.io/component=relayer';
  const drain = kube.tryKubectl(
    ['drain', nodeName, `--pod-selector=${selector}`, '--delete-emptydir-data', '--timeout=180s'],
    { timeoutMs: 190_000 },
  );
  await sleep(2000);
  await kube.kubectl(['uncordon', nodeName]);
  let fewest = before.length;
  let draining = true;
  void drain.finally(() => (draining = false)).catch(() => undefined);
  while (draining) {
    fewest = Math.min(fewest, (await relayerPods(scene)).filter(isReady).length);
    await sleep(300);
  }
  const { code, stderr } = await drain;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /would violate the pod's disruption budget/, 'the drain had to wait');
  const after = (await relayerPods(scene)).map(({ metadata }) => metadata.name);
  assert.deepEqual(
    after.filter((name) => before.includes(name)),
    [],
    `all pods of ${namespace} were replaced`,
  );
  assert.ok(fewest >= 1, 'the budget kept one pod ready');
  await assertConserved(scene);
}

async function claimedQueueKept(scene: Scene): Promise<void> {
  const { kube, namespace, backend } = scene;
  const volume = await createVolume(scene);
  try {
    const persistence = setArguments({
      'relayer.queue.persistence.enabled': 'true',
      'relayer.queue.persistence.storageClass': 'by-hand',
    });
    await installUnderLoad(scene, { replicas: 1, extra: persistence });
    await backend.stop();
    await someMore(scene, 30);
    await kube.kubectl(['delete', 'pod', '-n', namespace, `${fullName}-0`, '--timeout=120s'], { timeoutMs: 130_000 });
    await until('the pod is back', async () => (await relayerPods(scene)).some(isReady), { timeoutMs: 120_000 });
    await backend.start();
    await assertConserved(scene);
  } finally {
    await kube.kubectl(['delete', 'persistentvolume', volume, '--ignore-not-found', '--wait=false']);
    await kube.kubectl(['delete', 'storageclass', 'by-hand', '--ignore-not-found']);
  }
}

interface Load {
  readonly replicas: number;
  readonly extra?: readonly string[];
}

async function installUnderLoad(scene: Scene, { replicas, extra = [] }: Load): Promise<void> {
  await createBackendCa(scene);
  await install(scene, [...quickStart, ...setArguments({ 'relayer.replicas': String(replicas) }), ...extra]);
  await startAgent(scene, { name: agent, traceId, requests: mostRequests, pauseMs: 150 });
  await someMore(scene, 20);
}

/** Waits for that many more acknowledged spans. */
async function someMore(scene: Scene, spans: number): Promise<void> {
  const before = await sentBy(scene, agent).catch(() => undefined);
  const start = before?.acknowledged.length ?? 0;
  await until(`${spans} more spans`, async () => {
    const { acknowledged, done } = await sentBy(scene, agent);
    assert.ok(!done, 'there was load all the time');
    return acknowledged.length >= start + spans;
  });
}

async function assertConserved(scene: Scene): Promise<void> {
  await stopAgent(scene, agent);
  await assertStored(scene, clusterName, traceId, await finished(scene, agent));
}

/** SIGKILL, from outside the pods: the first process of a container can't be killed from within. */
function killRelayers(): void {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const relayers = pids.filter((pid) => commandOf(pid) === '/nodejs/bin/node /app/main.js run');
  assert.ok(relayers.length > 0, 'there is a relayer to kill');
  for (const pid of relayers) process.kill(Number(pid), 'SIGKILL');
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
  } catch {
    return '';
  }
}

/** A folder of this machine as the one volume of a storage class. @returns its name */
async function createVolume({ kube, folder }: Scene): Promise<string> {
  const path = join(folder, 'volume');
  mkdirSync(path);
  chmodSync(path, 0o777);
  const here = { key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] };
  await kube.apply(
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'by-hand' },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'by-hand-0' },
      spec: {
        storageClassName: 'by-hand',
        capacity: { storage: '10Gi' },
        accessModes: ['ReadWriteOnce'],
        local: { path },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
      },
    },
  );
  return 'by-hand-0';
}
