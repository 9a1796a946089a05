import assert from 'node:assert/strict';
import { adminToken } from '../backend.ts';
import {
  createBackendCa,
  fullName,
  health,
  install,
  quickStart,
  relayerPods,
  setArguments,
  tunnelToken,
  upgrade,
} from '../release.ts';
import type { Scenario, Scene } from '../scenario.ts';
import { until } from '../wait.ts';

const clusterName = 'production-us-east-1';
const oneReplica = setArguments({ 'relayer.replicas': '1' });

export const scenarios: readonly Scenario[] = [
  { name: 'cluster-token-rotated', run: newClusterTokenIsPickedUp },
  { name: 'tunnel-token-rotated', run: newTunnelTokenRollsThePods },
];

/** New token into the Secret, then the old ones revoked: as PROTOCOL.md says, in two steps. */
async function newClusterTokenIsPickedUp(scene: Scene): Promise<void> {
  const { kube, backend, namespace } = scene;
  await createBackendCa(scene);
  await install(scene, [...quickStart, ...oneReplica]);
  const { id } = await backend.cluster(clusterName);
  const tokens = `${backend.url}/api/v1/clusters/${id}/tokens`;
  const made = await fetch(tokens, { method: 'POST', headers: { authorization: `Bearer ${adminToken}` } });
  assert.ok(made.ok, `a new token: ${made.status}`);
  const body = (await made.json()) as any;
  const token: string = body.data?.token ?? body.token;

  const [before] = await relayerPods(scene);
  const patch = JSON.stringify({ stringData: { clusterToken: token } });
  await kube.kubectl(['patch', 'secret', `${fullName}-cluster`, '-n', namespace, '--type=merge', '-p', patch]);
  const file = '/var/run/consonant/cluster/clusterToken';
  const read = `process.stdout.write(require('node:fs').readFileSync('${file}'))`;
  await until(
    'the new token is in the pod',
    async () => {
      return (
        (await kube.kubectl([
          'exec',
          '-n',
          namespace,
          before?.metadata.name ?? '',
          '-c',
          'relayer',
          '--',
          '/nodejs/bin/node',
          '-e',
          read,
        ])) === token
      );
    },
    { timeoutMs: 120_000 },
  );

  const revoked = await fetch(tokens, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
  assert.ok(revoked.ok, `the old tokens are revoked: ${revoked.status}`);
  await until('connected with the new token', async () => (await health(scene)).socket.connected === true, {
    timeoutMs: 90_000,
  });
  const [after] = await relayerPods(scene);
  assert.equal(after?.metadata.name, before?.metadata.name, 'the same pod');
  assert.deepEqual(
    after?.['status'].containerStatuses.map((one: any) => one.restartCount),
    [0, 0],
    'without a restart',
  );
}

async function newTunnelTokenRollsThePods(scene: Scene): Promise<void> {
  await createBackendCa(scene);
  await install(scene, [...quickStart, ...oneReplica]);
  const [before] = await relayerPods(scene);
  const other = Buffer.from(Buffer.from(tunnelToken, 'base64').toString().replace('00001"', '00002"')).toString(
    'base64',
  );
  await upgrade(scene, ['--reuse-values', ...setArguments({ 'cloudflare.tunnelToken': other })]);
  await until(
    'the old pod is gone',
    async () => {
      const pods = await relayerPods(scene);
      return pods.length === 1 && pods[0]?.metadata.name !== before?.metadata.name;
    },
    { timeoutMs: 90_000 },
  );
}
