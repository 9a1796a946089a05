import { expect, test } from 'vitest';
import { runCommand, PodFiles, QUICK, type Exit } from '../fixtures/relayer-process.ts';
import { FakeKubernetesApi } from '../fixtures/kubernetes-api.ts';
import { disposeLater } from '../fixtures/set-up.ts';
import { MemoryBackend, type BackendOptions } from '../protocol/memory-backend.ts';
import { expectServerSideApply } from './kubernetes-contract.ts';

const SECRET = 'release-cluster';

interface World {
  readonly api: FakeKubernetesApi;
  readonly backend: MemoryBackend;
  readonly files: PodFiles;
  readonly register: (env?: Record<string, string>) => Promise<Exit>;
}

async function setUpWorld(options: BackendOptions = { registrationToken: 'registration-token-1' }): Promise<World> {
  const api = new FakeKubernetesApi();
  const backend = new MemoryBackend(options);
  const files = new PodFiles();
  await api.start();
  await backend.start();
  disposeLater(async () => {
    files.remove();
    await api.stop();
    await backend.stop();
  });
  files.write('var/run/secrets/kubernetes.io/serviceaccount/token', api.token);
  files.write('var/run/secrets/kubernetes.io/serviceaccount/ca.crt', api.certificate.cert);
  files.write('var/run/consonant/registration/token', 'registration-token-1');
  let pod = 0;
  const register = (env: Record<string, string> = {}): Promise<Exit> =>
    runCommand(['register', '--root', files.root, '--timeout-seconds', '2'], {
      ...QUICK,
      BACKEND_URL: backend.url,
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(api.port),
      POD_NAMESPACE: 'consonant-system',
      POD_NAME: `register-${pod++}`,
      CREDENTIALS_SECRET_NAME: SECRET,
      CLUSTER_REGION: 'us-east-1',
      CLUSTER_METADATA: '{"provider":"aws","tags":{"team":"platform"}}',
      ...env,
    });
  return { api, backend, files, register };
}

/** No output of any run may contain anything secret. */
function expectNoSecrets({ output }: Exit, { api, backend }: World): void {
  const tokens = [...backend.clusters.values()].flatMap((cluster) => [...cluster.tokens, cluster.key]);
  for (const secret of [api.token, 'registration-token-1', ...tokens]) expect(output).not.toContain(secret);
}

test('the fake Kubernetes API keeps its contract', async () => {
  const { api } = await setUpWorld();
  await expectServerSideApply({
    url: `https://127.0.0.1:${api.port}`,
    ca: api.certificate.cert,
    token: api.token,
    namespace: 'ns',
    secretName: SECRET,
  });
});

test('registers once: the Secret has id, token and key, and a second run only checks', async () => {
  const world = await setUpWorld();
  const first = await world.register();
  expect(first.code).toBe(0);
  const cluster = [...world.backend.clusters.values()][0];
  expect(world.api.value(SECRET, 'clusterId')).toBe(cluster?.id);
  expect(cluster?.tokens.has(world.api.value(SECRET, 'clusterToken') ?? '')).toBe(true);
  expect(world.api.value(SECRET, 'registrationKey')).toBe(cluster?.key);
  expect(world.backend.requests.find(({ method }) => method === 'POST')?.body).toEqual({
    name: 'test-cluster',
    namespace: 'consonant-system',
    metadata: { provider: 'aws', tags: { team: 'platform' }, region: 'us-east-1' },
  });
  const second = await world.register();
  expect(second.code).toBe(0);
  expect(world.backend.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  expectNoSecrets(first, world);
  expectNoSecrets(second, world);
});

test('replicas at the same time end with one cluster and a token that works', async () => {
  const world = await setUpWorld();
  const exits = await Promise.all([world.register(), world.register(), world.register(), world.register()]);
  expect(exits.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  expect(world.backend.clusters.size).toBe(1);
  expect([...world.backend.clusters.values()][0]?.tokens.has(world.api.value(SECRET, 'clusterToken') ?? '')).toBe(true);
});

test('a crash after the POST repeats it with the key that is in the Secret', async () => {
  const world = await setUpWorld();
  await world.register();
  const [cluster] = world.backend.clusters.values();
  // As if the pod had died before it stored the credentials.
  world.api.secrets.get(SECRET)?.delete('clusterId');
  world.api.secrets.get(SECRET)?.delete('clusterToken');
  expect((await world.register()).code).toBe(0);
  expect(world.backend.clusters.size).toBe(1);
  expect(world.api.value(SECRET, 'clusterId')).toBe(cluster?.id);
});

test('an outage of the backend does not block an upgrade', async () => {
  const world = await setUpWorld();
  await world.register();
  await world.backend.stop();
  const exit = await world.register();
  expect(exit.code).toBe(0);
  expect(exit.output).toContain('could not be checked and are kept');
});

test('77: revoked credentials are never replaced by themselves', async () => {
  const world = await setUpWorld();
  await world.register();
  world.backend.faults.revoked = true;
  const exit = await world.register();
  expect(exit.code).toBe(77);
  expect(exit.output).toContain('delete the Secret consonant-system/release-cluster');
  expect(world.backend.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  expectNoSecrets(exit, world);
});

test('77: the backend wants a registration token, or another one', async () => {
  const world = await setUpWorld({ registrationToken: 'another-one' });
  expect((await world.register()).output).toContain('does not accept the registration token');
  world.files.write('var/run/consonant/registration/token', '');
  const exit = await world.register();
  expect([exit.code, exit.output]).toEqual([77, expect.stringContaining('set registration.existingSecret')]);
});

test('73: the name belongs to another cluster', async () => {
  const world = await setUpWorld();
  world.backend.addCluster('test-cluster', 'x');
  const exit = await world.register();
  expect([exit.code, exit.output]).toEqual([73, expect.stringContaining('choose another cluster.name')]);
});

test('69: the backend is unreachable until the time is over', async () => {
  const world = await setUpWorld();
  await world.backend.stop();
  const exit = await world.register();
  expect([exit.code, exit.output]).toEqual([69, expect.stringContaining("can't be reached")]);
  expect(exit.output).toContain('Registration failed, trying again');
});

test('76: something else than a backend answers', async () => {
  const world = await setUpWorld();
  const exit = await world.register({ BACKEND_URL: `${world.backend.url}/wrong/base` });
  expect([exit.code, exit.output]).toEqual([
    76,
    expect.stringContaining('is backend.url the address of a Consonant backend?'),
  ]);
});

test('74: the Secret can not be read or written, and each cause is told', async () => {
  const world = await setUpWorld();
  world.api.allowedNames = [];
  expect(await world.register()).toMatchObject({
    code: 74,
    output: expect.stringContaining('needs get and patch on this Secret'),
  });
  world.api.failWith = 500;
  expect(await world.register()).toMatchObject({ code: 74, output: expect.stringContaining('answered 500') });
  expect(await world.register({ KUBERNETES_SERVICE_HOST: '' })).toMatchObject({
    code: 74,
    output: expect.stringContaining('not in a pod'),
  });
  world.files.write('var/run/secrets/kubernetes.io/serviceaccount/ca.crt', '');
  world.api.failWith = undefined;
  expect(await world.register()).toMatchObject({ code: 74, output: expect.stringContaining("can't be reached") });
});

test('64: bad configuration, all problems at once', async () => {
  const world = await setUpWorld();
  const exit = await world.register({ CLUSTER_NAME: 'Not A Label', BACKEND_URL: 'ftp://x', OTLP_GRPC_PORT: '99999' });
  expect(exit.code).toBe(64);
  for (const variable of ['CLUSTER_NAME', 'BACKEND_URL', 'OTLP_GRPC_PORT']) expect(exit.output).toContain(variable);
});

test('Cloudflare Access headers go with every request', async () => {
  const world = await setUpWorld();
  world.files.write('var/run/consonant/access/clientId', 'client-id.access');
  world.files.write('var/run/consonant/access/clientSecret', 'access-secret-value');
  const exit = await world.register();
  expect(exit.code).toBe(0);
  expect(world.backend.requests.at(-1)?.headers).toMatchObject({
    'cf-access-client-id': 'client-id.access',
    'cf-access-client-secret': 'access-secret-value',
  });
  expect(exit.output).not.toContain('access-secret-value');
});
