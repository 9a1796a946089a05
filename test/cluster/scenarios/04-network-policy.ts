import assert from 'node:assert/strict';
import { addresses } from '../addresses.ts';
import { createNamespace } from '../made-here.ts';
import { type Target, reachFrom, startProbePods } from '../probe.ts';
import { createBackendCa, fullName, install, quickStart, relayerPods, releaseName, render } from '../release.ts';
import type { Scenario, Scene } from '../scenario.ts';
import { until } from '../wait.ts';

export const scenarios: readonly Scenario[] = [
  { name: 'network-policy-to-relayer', run: onlyPeersReachTheRelayer },
  { name: 'network-policy-from-relayer', needsOwnCluster: true, run: relayerReachesOnlyItsPeers },
  { name: 'network-policy-of-registration', needsOwnCluster: true, run: registrationReachesOnlyItsPeers },
];

const elsewhere = 'elsewhere';
const relayerPorts = [4317, 4318, 8080, 2000] as const;

async function onlyPeersReachTheRelayer(scene: Scene): Promise<void> {
  const { namespace, agentNamespace } = scene;
  await createBackendCa(scene);
  await install(scene, quickStart);
  const host = `${fullName}.${namespace}.svc`;
  const targets = relayerPorts.map((port): Target => [host, port]);
  const otlp = ['open', 'open', 'blocked', 'blocked'];
  const monitoring = ['blocked', 'blocked', 'open', 'open'];
  const nothing = ['blocked', 'blocked', 'blocked', 'blocked'];
  const senders = [
    {
      name: 'agent',
      namespace: agentNamespace,
      labels: { app: 'kagent', 'app.kubernetes.io/name': 'my-agent' },
      expected: otlp,
    },
    { name: 'controller', namespace: agentNamespace, labels: { 'app.kubernetes.io/name': 'kagent' }, expected: otlp },
    { name: 'agent-beside-the-relayer', namespace, labels: { app: 'kagent' }, expected: otlp },
    { name: 'stranger', namespace: agentNamespace, labels: { app: 'stranger' }, expected: nothing },
    { name: 'stranger-beside-the-relayer', namespace, labels: { app: 'stranger' }, expected: nothing },
    { name: 'agent-elsewhere', namespace: elsewhere, labels: { app: 'kagent' }, expected: nothing },
    {
      name: 'prometheus',
      namespace: agentNamespace,
      labels: { 'app.kubernetes.io/name': 'prometheus' },
      expected: monitoring,
    },
  ];
  await createNamespace(scene.kube, elsewhere);
  await startProbePods(scene, senders);
  // Some network plugins learn of a new pod only after it is ready.
  await until(
    'each sender reaches what it should',
    async () => {
      const found: Record<string, unknown> = {};
      for (const sender of senders)
        found[sender.name] = await reachFrom(scene, { ...sender, container: 'probe' }, targets);
      assert.deepEqual(found, Object.fromEntries(senders.map(({ name, expected }) => [name, expected])));
      return true;
    },
    { timeoutMs: 30_000 },
  );
}

async function relayerReachesOnlyItsPeers(scene: Scene): Promise<void> {
  const { namespace } = scene;
  await createBackendCa(scene);
  await install(scene, quickStart);
  await startProbePods(scene, [{ name: 'unbound', namespace, labels: { app: 'unbound' } }]);
  const [relayer] = await relayerPods(scene);
  const cases: readonly (readonly [string, Target, string, string])[] = [
    ['the backend, by its name', ['consonant.yourcompany.com', 443], 'open', 'open'],
    ['another port of the backend', [addresses.backend, 3000], 'blocked', 'open'],
    ['a private address', [addresses.privateHost, 443], 'blocked', 'nobody'],
    ['the API server', [addresses.apiService, 443], 'blocked', 'open'],
    ['a Service of the cluster', ['kube-dns.kube-system.svc.cluster.local', 53], 'open', 'open'],
    ["the port of Cloudflare's edge", [addresses.backend, 7844], 'nobody', 'nobody'],
  ];
  const targets = cases.map(([, target]) => target);
  const fromRelayer = await reachFrom(
    scene,
    { namespace, name: relayer?.metadata.name ?? '', container: 'relayer' },
    targets,
  );
  const fromUnbound = await reachFrom(scene, { namespace, name: 'unbound', container: 'probe' }, targets);
  const named = (reached: readonly string[]): unknown =>
    Object.fromEntries(cases.map(([name], i) => [name, reached[i]]));
  assert.deepEqual(named(fromUnbound), named(cases.map(([, , , unbound]) => unbound)), 'without a policy');
  assert.deepEqual(named(fromRelayer), named(cases.map(([, , expected]) => expected)), 'with the policy');
}

/** The policy is there only while the Job is, so it is applied by itself, with a pod labelled as the Job's. */
async function registrationReachesOnlyItsPeers(scene: Scene): Promise<void> {
  const { kube, namespace } = scene;
  const only = ['--show-only', 'templates/registration/networkpolicy.yaml'];
  await kube.kubectl(['apply', '-f', '-'], {
    input: await render(scene, [...quickStart, ...only]),
  });
  const labels = {
    'app.kubernetes.io/name': 'consonant-relayer',
    'app.kubernetes.io/instance': releaseName,
    'app.kubernetes.io/component': 'registration',
  };
  await startProbePods(scene, [
    { name: 'like-the-job', namespace, labels },
    { name: 'other', namespace, labels: { app: 'other' } },
  ]);
  const targets: readonly Target[] = [
    ['consonant.yourcompany.com', 443],
    [addresses.apiService, 443],
    [addresses.backend, 3000],
    [addresses.privateHost, 3000],
  ];
  const job = await reachFrom(scene, { namespace, name: 'like-the-job', container: 'probe' }, targets);
  assert.deepEqual(job, ['open', 'open', 'blocked', 'blocked']);
  const jobAddress = (await kube.get('pod', 'like-the-job', namespace))?.['status'].podIP;
  const toJob = await reachFrom(scene, { namespace, name: 'other', container: 'probe' }, [[jobAddress, 8080]]);
  assert.deepEqual(toJob, ['blocked'], 'nothing comes in');
}
