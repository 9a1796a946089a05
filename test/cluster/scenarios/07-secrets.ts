import assert from 'node:assert/strict';
import { adminToken } from '../backend.ts';
import { standInForExternalSecrets } from '../external-secrets.ts';
import { isReady } from '../kube.ts';
import {
  askInPod,
  clusterName,
  createBackendCa,
  fullName,
  install,
  oneReplica,
  quickStart,
  relayerPods,
  releaseName,
  restartsOf,
  setArguments,
  tunnelToken,
  upgrade,
} from '../release.ts';
import type { Scenario, Scene } from '../scenario.ts';
import { until } from '../wait.ts';

const externalSecrets = setArguments({
  'cluster.name': clusterName,
  'backend.url': 'https://consonant.yourcompany.com',
  'backend.caSecret.name': 'backend-ca',
  'secrets.mode': 'external',
  'secrets.external.secretStore.name': 'vault',
  'relayer.replicas': '1',
});

export const scenarios: readonly Scenario[] = [
  { name: 'external-secrets-filled-late', run: tunnelTokenMayComeLate },
  { name: 'cluster-token-rotated', run: newClusterTokenIsPickedUp },
  { name: 'tunnel-token-rotated', run: newTunnelTokenRollsThePods },
];

/**
 * The operator makes the tunnel's Secret only while the pods are there. cloudflared ends and is started again until it
 * has its token; the relayer beside it starts once, and the install goes through without a new pod.
 */
async function tunnelTokenMayComeLate(scene: Scene): Promise<void> {
  const { kube, backend, namespace } = scene;
  await createBackendCa(scene);
  const standIn = standInForExternalSecrets(scene, { tunnelToken, apiKey: 'sk-ant-late' }, 20_000);
  try {
    const installed = install(scene, externalSecrets);
    const waiting = await Promise.race([
      installed.then(() => assert.fail('ready without the tunnel token')),
      until('cloudflared waits for its token', async () => {
        const [pod] = await relayerPods(scene);
        return restartsOf(pod, 'cloudflared') > 0 && pod;
      }),
    ]);
    assert.equal(await kube.get('secret', `${fullName}-tunnel`, namespace), undefined);
    assert.equal((await backend.cluster(clusterName)).connections.length, 1, 'the relayer is connected meanwhile');

    const printed = await installed;
    const [pod] = await relayerPods(scene);
    assert.equal(pod?.metadata.name, waiting.metadata.name, 'the same pod');
    assert.ok(isReady(pod));
    assert.equal(restartsOf(pod, 'relayer'), 0);
    const release = await kube.helm('4.1', ['get', 'all', releaseName, '-n', namespace]);
    for (const secret of [tunnelToken, 'sk-ant-late']) assert.ok(!`${printed}${release}`.includes(secret));
  } finally {
    await standIn.stop();
  }
}

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
  await until(
    'connected with the new token',
    async () => {
      const { body } = await askInPod(scene, before?.metadata.name ?? '', { port: 8080, path: '/health' });
      return JSON.parse(body).socket.connected === true;
    },
    { timeoutMs: 90_000 },
  );
  const [after] = await relayerPods(scene);
  assert.equal(after?.metadata.name, before?.metadata.name, 'the same pod');
  assert.equal(restartsOf(after, 'relayer'), 0, 'without a restart');
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
