import assert from 'node:assert/strict';
import { assertStored, finished, startAgent } from '../agent/agent.ts';
import { isReady } from '../kube.ts';
import {
  askInPod,
  clusterName,
  createBackendCa,
  install,
  oneReplica,
  quickStart,
  relayerPods,
  restartsOf,
} from '../release.ts';
import type { Scenario, Scene } from '../scenario.ts';
import { changeCorefile, withTestNames } from '../test-names.ts';
import { sleep, until } from '../wait.ts';

export const scenarios: readonly Scenario[] = [
  { name: 'cloudflared-with-a-dead-edge', run: deadEdgeHarmsNothing },
  { name: 'cloudflared-without-an-edge', needsOwnCluster: true, run: missingEdgeLeavesTheRelayer },
];

/** cloudflared goes on trying; its `/ready` says no, and the pod is ready all the same. */
async function deadEdgeHarmsNothing(scene: Scene): Promise<void> {
  await createBackendCa(scene);
  await install(scene, [...quickStart, ...oneReplica]);
  await sleep(10_000);
  const [pod] = await relayerPods(scene);
  assert.ok(pod !== undefined && isReady(pod));
  for (const container of ['relayer', 'cloudflared']) assert.equal(restartsOf(pod, container), 0, container);
  const { status } = await askInPod(scene, pod.metadata.name, { port: 2000, path: '/ready' });
  assert.equal(status, 503, 'cloudflared has no connection');
  const traceId = '9'.repeat(32);
  await startAgent(scene, { name: 'agent', traceId });
  await assertStored(scene, clusterName, traceId, await finished(scene, 'agent'));
}

/** cloudflared ends and is started again and again; the relayer beside it goes on, with its queue and its connection. */
async function missingEdgeLeavesTheRelayer(scene: Scene): Promise<void> {
  const { backend } = scene;
  await createBackendCa(scene);
  await setEdge(scene, false);
  try {
    await install(scene, [...quickStart, ...oneReplica], { timeoutSeconds: 60 }).catch(() => undefined);
    await until('cloudflared was started again', async () => (await restarts(scene, 'cloudflared')) > 0, {
      timeoutMs: 180_000,
    });
    assert.equal(await restarts(scene, 'relayer'), 0, 'the relayer was not');
    assert.equal((await backend.cluster(clusterName)).connections.length, 1, 'and is connected');
  } finally {
    await setEdge(scene, true);
  }
}

async function restarts(scene: Scene, container: string): Promise<number> {
  const [pod] = await relayerPods(scene);
  return restartsOf(pod, container);
}

function setEdge({ kube, backend }: Scene, hasEdge: boolean): Promise<void> {
  return changeCorefile(kube, (corefile) => withTestNames(corefile, { backend: backend.address, hasEdge }));
}
