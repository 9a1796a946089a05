import { connect, createServer, type Socket } from 'node:net';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { pause, until } from '../fixtures/relayer-process.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { Sender } from '../fixtures/sender.ts';
import { disposeLater, setUp } from '../fixtures/set-up.ts';
import { MemoryBackend } from '../protocol/memory-backend.ts';
import type { RelayerProcess } from '../fixtures/relayer-process.ts';

async function sendFor(relayer: RelayerProcess, ms: number): Promise<Sender> {
  const sender = new Sender(relayer.ports.grpc, { items: 5 });
  const sending = sender.run(10);
  await pause(ms);
  sender.stop();
  await sending;
  return sender;
}

async function expectConserved(sender: Sender, backend: MemoryBackend, relayer: RelayerProcess): Promise<void> {
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(sender.acknowledged.size).toBeGreaterThan(50);
  expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
}

test('BackendDownAtStart: ready, accepting, degraded; delivered once it is up', async () => {
  const { backend, relayer } = await setUp();
  await backend.stop();
  expect(await relayer.start()).toBeLessThan(2_000);
  const sender = await sendFor(relayer, 300);
  expect(await relayer.health()).toMatchObject({
    status: 'degraded',
    socket: { connected: false },
    otel: { ready: true },
    reasons: [expect.stringContaining('ECONNREFUSED')],
  });
  expect(await relayer.metric('relayer_backend_connected')).toBe(0);
  await backend.start();
  await expectConserved(sender, backend, relayer);
  expect(await relayer.health()).toEqual({
    status: 'ok',
    socket: { connected: true, clusterId: 'cluster_1' },
    otel: { port: relayer.ports.grpc, ready: true },
  });
});

test('CircuitBreakerOpens: attempts pause, then go on; the data waits', async () => {
  const { backend, relayer } = await setUp({ BACKEND_CIRCUIT_BREAKER_FAILURE_THRESHOLD: '3' });
  await backend.stop();
  await relayer.start();
  await until('the breaker is open', async () => (await relayer.metric('relayer_circuit_breaker_state')) === 2);
  const sender = await sendFor(relayer, 200);
  await backend.start();
  await expectConserved(sender, backend, relayer);
  await until('the breaker is closed', async () => (await relayer.metric('relayer_circuit_breaker_state')) === 0);
});

test('LostAcks: an acknowledgement that never comes costs a connection, not a record or a second effect', async () => {
  const { backend, relayer } = await setUp();
  backend.faults.loseAnswers = 0.2;
  await relayer.start();
  const sender = await sendFor(relayer, 800);
  backend.faults.loseAnswers = 1;
  await relayer.post('/v1/traces', new RequestTemplate({ items: 1 }).make(900_000));
  await until(
    'a connection was given up',
    async () => (await relayer.metric('relayer_connection_failures_total', 'timeout')) > 0,
  );
  backend.faults.loseAnswers = 0;
  await expectConserved(sender, backend, relayer);
  expect(await relayer.metric('relayer_otel_forwarded_total')).toBe(sender.acknowledged.size + 1);
});

test('SlowBackend, RetryAnswers and dropped connections: everything arrives, once', async () => {
  const { backend, relayer } = await setUp();
  Object.assign(backend.faults, { delayMs: 5, retry: 0.1, disconnect: 0.05 });
  await relayer.start();
  const sender = await sendFor(relayer, 1500);
  Object.assign(backend.faults, { delayMs: 0, retry: 0, disconnect: 0 });
  await expectConserved(sender, backend, relayer);
});

test('NonsenseAnswers: counted, reconnected, nothing lost', async () => {
  const { backend, relayer } = await setUp();
  backend.faults.answer = () => ({ status: 'what' });
  await relayer.start();
  const sender = await sendFor(relayer, 300);
  await until(
    'nonsense was noticed',
    async () => (await relayer.metric('relayer_connection_failures_total', 'protocol')) > 0,
  );
  backend.faults.answer = undefined;
  await expectConserved(sender, backend, relayer);
});

test('RefusedForEver: one bad request goes to the dead letters and does not block the rest', async () => {
  const { backend, relayer } = await setUp();
  await backend.stop();
  await relayer.start();
  // While the backend is away many requests come together into one frame.
  const sender = await sendFor(relayer, 300);
  const [bad] = [...sender.acknowledged].slice(40);
  backend.faults.refuse = `id:${bad};`;
  await backend.start();
  await until('everything is settled', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  const { lost, repeated } = sender.conservation(backend.effects);
  expect(repeated).toEqual([]);
  expect(lost).toContain(bad);
  expect(lost).toHaveLength(5);
  expect(await relayer.metric('relayer_dead_lettered_total')).toBe(5);
});

test('SmallMaxPayload: a backend that takes less than the protocol asks for is told so and sent nothing', async () => {
  const { backend, relayer } = await setUp({}, { maxPayload: 1_000_000 });
  await relayer.start();
  const large = new RequestTemplate({ items: 40, textBytes: 100_000 });
  const span = new RequestTemplate({ items: 1, textBytes: 1_100_000 });
  for (const body of [large.make(1), span.make(101)]) expect((await relayer.post('/v1/traces', body)).status).toBe(200);
  const told = /announces maxPayload 1000000.+set maxHttpBufferSize of its Socket\.IO server to 16777216/;
  await until('the reason is told', async () => told.test(JSON.stringify(await relayer.health())));
  await until('it was tried again', async () => (await relayer.metric('relayer_reconnections_total')) > 2);
  expect(relayer.output).toMatch(new RegExp(`"level":"error"[^\\n]+${told.source}`));
  expect(await relayer.metric('relayer_connection_failures_total', 'protocol')).toBeGreaterThan(2);
  expect(await relayer.metric('relayer_frames_sent_total')).toBe(0);
  expect(await relayer.metric('relayer_dead_lettered_total')).toBe(0);
  await backend.stop();
  const mended = new MemoryBackend({ port: Number(new URL(backend.url).port) });
  mended.addCluster('cluster_1', 'secret-token-1');
  await mended.start();
  disposeLater(() => mended.stop());
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(mended.effects.size).toBe(41);
  expect(await relayer.metric('relayer_dead_lettered_total')).toBe(0);
});

test('LargeSpan: one between the usual size of frames and what the backend takes travels alone', async () => {
  const { backend, relayer } = await setUp();
  await relayer.start();
  const body = new RequestTemplate({ items: 3, textBytes: 7 << 20 }).make(1);
  expect((await relayer.post('/v1/traces', body)).status).toBe(200);
  await until('everything is settled', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(backend.effects.size).toBe(3);
  expect(await relayer.metric('relayer_dead_lettered_total')).toBe(0);
});

test('AuthRevokedAndTokenRotated: says so, and uses the new file at once', async () => {
  const { backend, relayer } = await setUp({
    BACKEND_RECONNECTION_DELAY_MS: '20000',
    BACKEND_RECONNECTION_MAX_DELAY_MS: '30000',
    BACKEND_CIRCUIT_BREAKER_FAILURE_THRESHOLD: '1',
    BACKEND_CIRCUIT_BREAKER_TIMEOUT_SECONDS: '60',
  });
  await relayer.start();
  await until('connected', async () => (await relayer.metric('relayer_backend_connected')) === 1);
  backend.clusters.get('cluster_1')?.tokens.clear();
  backend.disconnectAll();
  const sender = await sendFor(relayer, 200);
  backend.clusters.get('cluster_1')?.tokens.add('rotated-token-2');
  relayer.files.credentials('cluster_1', 'rotated-token-2');
  await expectConserved(sender, backend, relayer);
  expect(backend.connections.at(-1)?.token).toBe('rotated-token-2');
  expect(relayer.output).not.toContain('secret-token-1');
  expect(relayer.output).not.toContain('rotated-token-2');
});

test('CredentialsMissingAtStart: accepts and queues until they appear', async () => {
  const { backend, relayer } = await setUp();
  relayer.files.credentials('', '');
  await relayer.start();
  const sender = await sendFor(relayer, 200);
  expect(await relayer.health()).toMatchObject({
    status: 'degraded',
    reasons: [expect.stringContaining('clusterToken')],
  });
  relayer.files.credentials('cluster_1', 'secret-token-1');
  await expectConserved(sender, backend, relayer);
});

test('UnusableFiles: an Access secret or a token that can not be sent is named, and used once it is mended', async () => {
  const { backend, relayer } = await setUp();
  relayer.files.write('var/run/consonant/access/clientId', 'id.access');
  relayer.files.write('var/run/consonant/access/clientSecret', 'access-secret-value\nsecond-line');
  await relayer.start();
  const reasons = async (): Promise<string> => JSON.stringify(await relayer.health());
  await until('the file is named', async () => /access\/clientSecret has a line break/.test(await reasons()));
  expect(await relayer.metric('relayer_connection_failures_total', 'configuration')).toBeGreaterThan(0);
  relayer.files.credentials('cluster_1', 'secret-token-1\nsecond-line');
  await until('the token is named', async () => /cluster\/clusterToken has a line break/.test(await reasons()));
  relayer.files.write('var/run/consonant/access/clientSecret', 'access-secret-value\n');
  relayer.files.credentials('cluster_1', 'secret-token-1\n');
  await until('connected', async () => (await relayer.metric('relayer_backend_connected')) === 1);
  expect(backend.connections.at(-1)?.headers).toMatchObject({ 'cf-access-client-secret': 'access-secret-value' });
  expect(relayer.output).not.toMatch(/access-secret-value|secret-token-1|second-line/);
});

test('BackendLostItsMemory: a new epoch, nothing lost', async () => {
  const { backend, relayer } = await setUp();
  await relayer.start();
  const before = await sendFor(relayer, 300);
  await expectConserved(before, backend, relayer);
  backend.forgetEpochs();
  backend.disconnectAll();
  await until('a new epoch was begun', () => relayer.output.includes('new epoch'));
  const after = new Sender(relayer.ports.grpc, { items: 3, signal: 'logs' });
  await after.run(5, 50);
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(after.refused).toBe(0);
  expect(backend.received.items).toBe(before.acknowledged.size + 150);
});

test('HangingBackend: a stopped process (SIGSTOP) is noticed, and delivery goes on after SIGCONT', async () => {
  const { relayer } = await setUp();
  const script = join(dirname(fileURLToPath(import.meta.url)), '../../bench/backend.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  disposeLater(() => void child.kill('SIGKILL'));
  const port = await new Promise<string>((resolve) =>
    child.stdout.once('data', (bytes: Buffer) => resolve(String(bytes).trim())),
  );
  relayer.env['BACKEND_URL'] = `http://127.0.0.1:${port}`;
  await relayer.start();
  await until('connected', async () => (await relayer.metric('relayer_backend_connected')) === 1);
  child.kill('SIGSTOP');
  const sender = await sendFor(relayer, 300);
  expect(sender.refused).toBe(0);
  await until(
    'the hanging connection was given up',
    async () => (await relayer.metric('relayer_connection_failures_total', 'timeout')) > 0,
  );
  child.kill('SIGCONT');
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(await relayer.metric('relayer_otel_forwarded_total')).toBe(sender.acknowledged.size);
});

test('HalfOpenConnection: packets vanish without an end of the connection', async () => {
  const { backend, relayer } = await setUp();
  const hole = await startHole(Number(new URL(backend.url).port));
  relayer.env['BACKEND_URL'] = `http://127.0.0.1:${hole.port}`;
  await relayer.start();
  await until('connected', async () => (await relayer.metric('relayer_backend_connected')) === 1);
  hole.swallow();
  const sender = await sendFor(relayer, 300);
  await expectConserved(sender, backend, relayer);
  expect(await relayer.metric('relayer_reconnections_total')).toBeGreaterThan(0);
});

/** A TCP proxy whose present connections can be made to swallow everything; new ones work. */
async function startHole(target: number): Promise<{ port: number; swallow: () => void }> {
  const links = new Set<[Socket, Socket]>();
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    links.add([near, far]);
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  disposeLater(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const swallow = (): void => {
    for (const [near, far] of links) {
      near.unpipe(far);
      far.unpipe(near);
      near.resume();
      far.resume();
    }
  };
  return { port: (server.address() as { port: number }).port, swallow };
}
