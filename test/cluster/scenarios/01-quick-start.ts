import assert from 'node:assert/strict';
import { assertStored, finished, startAgent } from '../agent/agent.ts';
import { isReady } from '../kube.ts';
import { createBackendCa, fullName, install, quickStart, relayerPods, releaseName } from '../release.ts';
import { runReadmeCommands } from '../readme-commands.ts';
import type { Scenario, Scene } from '../scenario.ts';
import { until } from '../wait.ts';

const traceId = '1'.repeat(32);

export const scenarios: readonly Scenario[] = [{ name: 'quick-start', run: quickStartWorks }];

async function quickStartWorks(scene: Scene): Promise<void> {
  const { kube, backend, namespace } = scene;
  await createBackendCa(scene);
  await install(scene, quickStart);

  const cluster = await backend.cluster('production-us-east-1');
  const secret = await kube.get('secret', `${fullName}-cluster`, namespace);
  const clusterId = Buffer.from(secret?.['data'].clusterId ?? '', 'base64').toString();
  assert.equal(clusterId, cluster.id, 'the Secret holds the id that the backend gave');

  const pods = await relayerPods(scene);
  assert.equal(pods.length, 3);
  assert.deepEqual(
    pods.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name),
    [],
    'all pods are ready',
  );
  await until('every relayer is connected', async () => (await backend.cluster(cluster.name)).connections.length === 3);

  await startAgent(scene, { name: 'support-agent', traceId });
  await assertStored(scene, cluster.name, traceId, await finished(scene, 'support-agent'));

  const printed = await runReadmeCommands(scene, /^kubectl port-forward .*&\n[^]*?^kill %1$/m);
  const answer = printed.slice(printed.indexOf('{'), printed.lastIndexOf('}') + 1);
  const { status, socket, otel } = JSON.parse(answer);
  const expected = { status: 'ok', socket: { connected: true, clusterId }, otel: { port: 4317, ready: true } };
  assert.deepEqual(
    {
      status,
      socket: { connected: socket.connected, clusterId: socket.clusterId },
      otel: { port: otel.port, ready: otel.ready },
    },
    expected,
  );

  const before = await backend.cluster(cluster.name);
  await kube.helm('4.1', ['test', releaseName, '-n', namespace, '--timeout', '120s']);
  await until('the test reaches the backend', async () => {
    const { spans, logs, points } = await backend.cluster(cluster.name);
    return spans >= before.spans + 2 && logs >= before.logs + 2 && points >= before.points + 2;
  });
}
