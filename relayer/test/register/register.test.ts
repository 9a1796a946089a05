import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { register } from '../../src/commands/register.ts';
import { filesUnder } from '../../src/config/files.ts';
import { requireSettings } from '../../src/config/parse-settings.ts';
import { CredentialsSecret } from '../../src/register/credentials-secret.ts';
import { runCommand, PodFiles, QUICK, until, type Exit } from '../fixtures/relayer-process.ts';
import { FakeKubernetesApi } from '../fixtures/kubernetes-api.ts';
import { disposeLater } from '../fixtures/set-up.ts';
import { MemoryBackend, type BackendOptions } from '../protocol/memory-backend.ts';
import { expectServerSideApply } from './kubernetes-contract.ts';

const SECRET = 'release-cluster';

interface World {
  readonly api: FakeKubernetesApi;
  readonly backend: MemoryBackend;
  readonly files: PodFiles;
  readonly environment: () => Record<string, string>;
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
  const environment = (): Record<string, string> => ({
    ...QUICK,
    BACKEND_URL: backend.url,
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: String(api.port),
    POD_NAMESPACE: 'consonant-system',
    POD_NAME: `register-${pod++}`,
    CREDENTIALS_SECRET_NAME: SECRET,
    CLUSTER_REGION: 'us-east-1',
    CLUSTER_METADATA: '{"provider":"aws","tags":{"team":"platform"}}',
  });
  const register = (env: Record<string, string> = {}): Promise<Exit> =>
    runCommand(['register', '--root', files.root, '--timeout-seconds', '2'], { ...environment(), ...env });
  return { api, backend, files, environment, register };
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

test('74: the Secret can not be read or written, and each cause is told; 64 where no API server can be', async () => {
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
  expect(await world.register({ KUBERNETES_SERVICE_HOST: 'no host' })).toMatchObject({
    code: 64,
    output: expect.stringContaining('`KUBERNETES_SERVICE_HOST` must be a host name'),
  });
  world.files.write('var/run/secrets/kubernetes.io/serviceaccount/ca.crt', '');
  world.api.failWith = undefined;
  expect(await world.register()).toMatchObject({ code: 74, output: expect.stringContaining("can't be reached") });
});

/** Answers every request alike; its URL. Without an answer it hangs. */
async function serve(answer?: { status: number; headers?: Record<string, string>; body?: string }): Promise<{
  url: string;
  requests: () => number;
}> {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    if (answer) response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  disposeLater(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => requests };
}

const HTML = { 'content-type': 'text/html; charset=utf-8' };

test.each([
  ['404', 76, { status: 404 }, '404 was answered where the API'],
  ['a page instead of an answer', 76, { status: 200, headers: HTML, body: '<html>' }, 'a page of HTML (200)'],
  ['a redirect', 76, { status: 302, headers: { location: '/login' } }, 'a redirect (302)'],
  ['no id', 76, { status: 201, body: '{"token":"t"}' }, 'has no id and token'],
  ['no token that can be used', 76, { status: 201, body: '{"id":"a","token":"b c"}' }, 'has no id and token'],
  [
    'an invalid request',
    76,
    { status: 400, body: '{"error":"bad_name"}' },
    'invalid (400, bad_name): check cluster.name',
  ],
  ['a revoked cluster', 77, { status: 403, body: '{"error":"revoked"}' }, 'refused the registration (403, revoked)'],
  ['a login in front', 77, { status: 403, headers: HTML, body: '<html>' }, 'something in front of the backend'],
  ['a login in front, 409', 76, { status: 409, headers: HTML }, 'a page of HTML (409)'],
  ['overload', 69, { status: 429 }, 'the backend answered 429: try again later'],
  ['a database that is away', 69, { status: 503, headers: HTML }, 'the backend answered 503: try again later'],
] as const)('each failure has its own message: %s', async (_what, code, answer, text) => {
  const world = await setUpWorld();
  const { url } = await serve(answer);
  const exit = await world.register({ BACKEND_URL: url });
  expect([exit.code, exit.output]).toEqual([code, expect.stringContaining(text)]);
  expectNoSecrets(exit, world);
});

test('credentials that are there are kept when something else than a backend answers, and refused ones are told', async () => {
  const world = await setUpWorld();
  await world.register();
  for (const answer of [{ status: 200, headers: HTML, body: '<html>' }, { status: 404 }, { status: 503 }]) {
    const exit = await world.register({ BACKEND_URL: (await serve(answer)).url });
    expect([exit.code, exit.output]).toEqual([0, expect.stringContaining('could not be checked and are kept')]);
  }
  const exit = await world.register({ BACKEND_URL: (await serve({ status: 403, headers: HTML })).url });
  expect([exit.code, exit.output]).toEqual([77, expect.stringContaining('something in front of the backend')]);
  expect(exit.output).not.toContain('delete the Secret');
});

test('64: a token that no header can carry is named by its file, at once', async () => {
  const world = await setUpWorld();
  world.files.write('var/run/consonant/registration/token', 'registration-token-1\nsecond-line-of-it\n');
  const exit = await world.register();
  expect([exit.code, exit.output]).toEqual([64, expect.stringContaining('registration/token has a line break')]);
  expect(exit.output).not.toMatch(/second-line|trying again/);
});

test('two pods whose long names begin alike do not overwrite each other’s key', async () => {
  const world = await setUpWorld();
  const claim = (pod: string, key: string): Promise<string> =>
    new CredentialsSecret({
      settings: requireSettings({ ...world.environment(), POD_NAME: `${'relayer-'.repeat(20)}${pod}` }),
      files: filesUnder(world.files.root),
      onSecret: () => {},
    }).claimRegistrationKey(key);
  expect([await claim('a', 'key-1'), await claim('b', 'key-2')]).toEqual(['written', 'conflict']);
  expect(world.api.value(SECRET, 'registrationKey')).toBe('key-1');
});

test('a backend that hangs is given up when the time is over, and at once on SIGTERM', async () => {
  const world = await setUpWorld();
  const { url, requests } = await serve();
  const begin = performance.now();
  const late = await world.register({ BACKEND_URL: url, BACKEND_CONNECTION_TIMEOUT_SECONDS: '300' });
  expect([late.code, late.output]).toEqual([69, expect.stringContaining('no answer within')]);
  expect(performance.now() - begin).toBeLessThan(15_000);
  const stop = new AbortController();
  const before = requests();
  const ending = register({
    environment: { ...world.environment(), BACKEND_URL: url, BACKEND_CONNECTION_TIMEOUT_SECONDS: '300' },
    root: world.files.root,
    options: new Map([['timeout-seconds', '300']]),
    stop: stop.signal,
    write: () => {},
  });
  await until('it waits for the answer', () => requests() > before);
  stop.abort();
  await expect(ending).rejects.toMatchObject({ exitCode: 69, message: expect.stringContaining('stopped before') });
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
