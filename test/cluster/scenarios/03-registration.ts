import assert from 'node:assert/strict';
import { adminToken } from '../backend.ts';
import type { Result } from '../command.ts';
import { isReady } from '../kube.ts';
import { runReadmeCommands } from '../readme-commands.ts';
import {
  clusterName,
  createBackendCa,
  fullName,
  install,
  oneReplica,
  quickStart,
  relayerPods,
  releaseName,
  render,
  setArguments,
  tryInstall,
  upgrade,
} from '../release.ts';
import type { Scenario, Scene } from '../scenario.ts';
import { until } from '../wait.ts';

/** The backend takes no secret of fewer than 16 characters. */
const rightToken = 'the-right-token-of-this-backend';
/** The Job gives up for good at its first failure, 30 seconds before its deadline. */
const failFast = [
  ...oneReplica,
  ...setArguments({ 'registration.backoffLimit': '0', 'registration.activeDeadlineSeconds': '60' }),
];

export const scenarios: readonly Scenario[] = [
  { name: 'registration-with-wrong-token', run: wrongTokenIsRefused },
  { name: 'registration-with-right-token', run: rightTokenRegisters },
  { name: 'registration-with-backend-down', run: outageFailsTheInstall },
  { name: 'registration-of-a-taken-name', run: takenNameIsRefused },
  { name: 'registration-with-credentials-there', run: credentialsAreKept },
  { name: 'registration-again-on-upgrade', run: upgradeSurvivesAnOutage },
  { name: 'registration-again-after-removal', run: removedClusterIsRegisteredAnew },
  { name: 'registration-at-startup', run: startupNeedsNoHook },
];

async function wrongTokenIsRefused(scene: Scene): Promise<void> {
  await scene.backend.restart({ environment: { OPEN_REGISTRATION: 'false', REGISTRATION_TOKEN: rightToken } });
  const wrong = 'wrong-token-that-no-one-may-see';
  const failed = await installWithToken(scene, wrong);
  assert.notEqual(failed.code, 0);
  const log = await jobLog(scene);
  assert.match(log, /refused the registration \(40[13][,)]/);
  assert.equal(await jobExitCode(scene), 77);
  assert.equal(await clusterToken(scene), undefined, 'no credentials');
  await assertNowhere(scene, wrong, `${failed.stdout}${failed.stderr}${log}`);
}

async function rightTokenRegisters(scene: Scene): Promise<void> {
  await scene.backend.restart({ environment: { OPEN_REGISTRATION: 'false', REGISTRATION_TOKEN: rightToken } });
  const done = await installWithToken(scene, rightToken);
  assert.equal(done.code, 0, done.stderr);
  const token = await clusterToken(scene);
  assert.ok(token);
  for (const secret of [rightToken, token]) await assertNowhere(scene, secret, `${done.stdout}${done.stderr}`);
}

async function outageFailsTheInstall(scene: Scene): Promise<void> {
  await createBackendCa(scene);
  await scene.backend.stop();
  const failed = await tryInstall(scene, [...quickStart, ...failFast]);
  assert.notEqual(failed.code, 0);
  assert.match(await jobLog(scene), /can't be reached/);
  assert.equal(await jobExitCode(scene), 69);
  await scene.backend.start();
  await upgrade(scene, [...quickStart, ...oneReplica, '--install']);
  assert.equal((await scene.backend.clusters()).length, 1);
}

async function takenNameIsRefused(scene: Scene): Promise<void> {
  await createBackendCa(scene);
  await register(scene);
  const failed = await tryInstall(scene, [...quickStart, ...failFast]);
  assert.notEqual(failed.code, 0);
  assert.match(await jobLog(scene), /cluster-name-taken/);
  assert.equal(await jobExitCode(scene), 73);
}

async function credentialsAreKept(scene: Scene): Promise<void> {
  const { kube, namespace, backend } = scene;
  await createBackendCa(scene);
  const { id, token } = await register(scene);
  const metadata = { name: `${fullName}-cluster`, namespace };
  await kube.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { clusterId: id, clusterToken: token } });
  await install(scene, [...quickStart, ...oneReplica]);
  assert.equal(await clusterToken(scene), token, 'the Secret is as it was');
  await until('connected with it', async () => (await backend.cluster(clusterName)).connections.length === 1);
}

async function upgradeSurvivesAnOutage(scene: Scene): Promise<void> {
  await createBackendCa(scene);
  await install(scene, [...quickStart, ...oneReplica]);
  const token = await clusterToken(scene);
  await upgrade(scene, ['--reuse-values', ...setArguments({ 'relayer.logLevel': 'debug' })]);
  assert.equal(await clusterToken(scene), token, 'the Secret is as it was');
  await scene.backend.stop();
  await upgrade(scene, ['--reuse-values', ...setArguments({ 'relayer.logLevel': 'warn' })]);
  assert.deepEqual(
    (await relayerPods(scene)).filter(({ metadata }) => !('deletionTimestamp' in metadata)).map(isReady),
    [true],
  );
}

/** The README's disaster recovery: removed at the backend, then its commands. */
async function removedClusterIsRegisteredAnew(scene: Scene): Promise<void> {
  const { backend } = scene;
  await createBackendCa(scene);
  await install(scene, [...quickStart, ...oneReplica]);
  const { id } = await backend.cluster(clusterName);
  const headers = { authorization: `Bearer ${adminToken}` };
  const removed = await fetch(`${backend.url}/api/v1/clusters/${id}`, { method: 'DELETE', headers });
  assert.ok(removed.ok, `the backend answers ${removed.status}`);

  await runReadmeCommands(scene, /^kubectl delete secret[^]*existingSecret=""\n\nkubectl rollout restart .*$/m);
  await until('connected as a new cluster', async () => {
    const cluster = await backend.cluster(clusterName);
    return cluster.id !== id && cluster.connections.length === 1;
  });
}

/** As the README says for `kubectl apply`: rendered without hooks. */
async function startupNeedsNoHook(scene: Scene): Promise<void> {
  const { kube, namespace, backend } = scene;
  await createBackendCa(scene);
  const values = [...quickStart, ...oneReplica, ...setArguments({ 'registration.mode': 'startup' })];
  const manifest = await render(scene, ['--no-hooks', ...values]);
  assert.doesNotMatch(manifest, /helm\.sh\/hook/);
  await kube.kubectl(['apply', '-n', namespace, '-f', '-'], { input: manifest });
  await kube.kubectl(['rollout', 'status', '-n', namespace, `deployment/${fullName}`, '--timeout=120s'], {
    timeoutMs: 130_000,
  });
  await until('connected', async () => (await backend.cluster(clusterName)).connections.length === 1);
  assert.ok(await clusterToken(scene));
}

async function installWithToken(scene: Scene, token: string): Promise<Result> {
  await createBackendCa(scene);
  const metadata = { name: 'consonant-registration', namespace: scene.namespace };
  await scene.kube.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { token } });
  return tryInstall(scene, [
    ...quickStart,
    ...failFast,
    ...setArguments({ 'registration.existingSecret': metadata.name }),
  ]);
}

/** Over the backend's API, as another cluster would. */
async function register({ backend }: Scene): Promise<{ readonly id: string; readonly token: string }> {
  const answer = await fetch(`${backend.url}/api/v1/clusters`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({ name: clusterName, namespace: 'elsewhere', metadata: {} }),
  });
  assert.ok(answer.ok, `the backend answers ${answer.status}`);
  const body = (await answer.json()) as any;
  return body.data ?? body;
}

function jobLog({ kube, namespace }: Scene): Promise<string> {
  return kube.kubectl(['logs', '-n', namespace, '-l', 'app.kubernetes.io/component=registration', '--tail=-1']);
}

async function jobExitCode({ kube, namespace }: Scene): Promise<number | undefined> {
  const [pod] = await kube.list('pods', namespace, 'app.kubernetes.io/component=registration');
  return pod?.['status'].containerStatuses?.[0]?.state.terminated?.exitCode;
}

async function clusterToken({ kube, namespace }: Scene): Promise<string | undefined> {
  const secret = await kube.get('secret', `${fullName}-cluster`, namespace);
  const token: string | undefined = secret?.['data']?.clusterToken;
  return token === undefined ? undefined : Buffer.from(token, 'base64').toString();
}

/** Not in what was printed, nor in the release, the logs and the events. */
async function assertNowhere({ kube, namespace }: Scene, secret: string, printed: string): Promise<void> {
  const release = await kube.helm('4.1', ['get', 'all', releaseName, '-n', namespace]);
  const events = await kube.kubectl(['get', 'events', '-n', namespace, '-o', 'json']);
  const pods = await kube.list('pods', namespace);
  const logs = await Promise.all(
    pods.map(({ metadata }) => kube.kubectl(['logs', '-n', namespace, metadata.name, '--all-containers'])),
  );
  const places = {
    printed,
    release,
    events,
    pods: JSON.stringify(pods),
    logs: logs.join(''),
  };
  const found = Object.entries(places).filter(
    ([, text]) => text.includes(secret) || text.includes(Buffer.from(secret).toString('base64')),
  );
  assert.deepEqual(
    found.map(([place]) => place),
    [],
    'the secret is in none of these',
  );
}
