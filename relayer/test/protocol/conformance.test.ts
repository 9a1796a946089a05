/*
 * Holds a backend to PROTOCOL.md. Without settings it tests the suite's own backend in memory;
 * any other one by its URL:
 *
 *   CONFORMANCE_URL=https://backend.example.com [CONFORMANCE_REGISTRATION_TOKEN=…] \
 *   [CONFORMANCE_SOCKET_PATH=/socket.io] npm run test:protocol -w relayer
 *
 * It registers clusters named `conformance-…` and sends a few spans under new epochs.
 */
import { randomUUID } from 'node:crypto';
import { Manager, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { MemoryBackend } from './memory-backend.ts';

const REGISTRATION_TOKEN = process.env['CONFORMANCE_REGISTRATION_TOKEN'];
const SOCKET_PATH = process.env['CONFORMANCE_SOCKET_PATH'] ?? '/socket.io';
let url = process.env['CONFORMANCE_URL']?.replace(/\/+$/, '');
let own: MemoryBackend | undefined;
let cluster: { id: string; token: string };
const open: Peer[] = [];

beforeAll(async () => {
  if (!url) {
    own = new MemoryBackend({ openRegistration: true });
    await own.start();
    url = own.url;
  }
  const answer = await register(`conformance-${randomUUID().slice(0, 8)}`, randomUUID());
  expect([200, 201]).toContain(answer.status);
  cluster = answer.body;
});
afterEach(() => open.splice(0).forEach((peer) => peer.close()));
afterAll(() => own?.stop());

async function register(
  name: string,
  key: string,
  token: string | undefined = REGISTRATION_TOKEN,
): Promise<{ status: number; body: { id: string; token: string } }> {
  const response = await fetch(`${url}/api/v1/clusters`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': key,
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify({ name, namespace: 'conformance', metadata: { region: 'test' } }),
  });
  const json = (await response.json().catch(() => ({}))) as { data?: object };
  return { status: response.status, body: (json.data ?? json) as { id: string; token: string } };
}

const verify = async (id: string, token: string): Promise<number> =>
  (await fetch(`${url}/api/v1/clusters/${id}`, { headers: { authorization: `Bearer ${token}` } })).status;

/** A relayer reduced to its connection. */
class Peer {
  readonly socket: Socket;
  maxPayload = 0;

  constructor(auth: Record<string, unknown> = {}) {
    const base = new URL(url as string);
    const manager = new Manager(base.origin, {
      path: base.pathname.replace(/\/+$/, '') + SOCKET_PATH,
      transports: ['websocket'],
      reconnection: false,
      autoConnect: false,
      forceNew: true,
    });
    this.socket = manager.socket('/relayer', {
      auth: { clusterId: cluster.id, token: cluster.token, instance: 'conformance-0', protocol: 1, ...auth },
    });
    open.push(this);
    this.socket.connect();
    manager.engine?.on('handshake', ({ maxPayload }) => (this.maxPayload = maxPayload));
  }

  /** Undefined when connected, else the code of the refusal. */
  connected(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.socket.once('connect', () => resolve(undefined));
      this.socket.once('connect_error', (error) =>
        resolve((error as { data?: { code?: string } }).data?.code ?? `without a code: ${error.message}`),
      );
    });
  }

  hello(epoch: string): Promise<unknown> {
    return this.socket.timeout(10_000).emitWithAck('hello', { epoch });
  }

  frame(epoch: string, sequence: number, payload: Buffer = spans(sequence), items = 1): Promise<unknown> {
    return this.send({ epoch, sequence, sections: [{ signal: 'traces', bytes: payload.length, items }] }, payload);
  }

  send(header: unknown, payload: unknown): Promise<unknown> {
    return this.socket.timeout(10_000).emitWithAck('frame', header, payload);
  }

  disconnected(): Promise<void> {
    return new Promise((resolve) => this.socket.once('disconnect', () => resolve()));
  }

  close(): void {
    this.socket.disconnect();
  }
}

const template = new RequestTemplate({ items: 1, textBytes: 10 });
const spans = (id: number): Buffer => template.make(id);

async function connect(auth: Record<string, unknown> = {}): Promise<Peer> {
  const peer = new Peer(auth);
  expect(await peer.connected()).toBeUndefined();
  return peer;
}

test('registration: the same key gives the same cluster and a further token; both tokens are valid', async () => {
  const name = `conformance-${randomUUID().slice(0, 8)}`;
  const key = randomUUID();
  const first = await register(name, key);
  const second = await register(name, key);
  expect(second.body.id).toBe(first.body.id);
  expect(second.body.token).not.toBe(first.body.token);
  expect([await verify(first.body.id, first.body.token), await verify(first.body.id, second.body.token)]).toEqual([
    200, 200,
  ]);
});

test('registration: the same name with another key is 409', async () => {
  const name = `conformance-${randomUUID().slice(0, 8)}`;
  await register(name, randomUUID());
  expect((await register(name, randomUUID())).status).toBe(409);
});

test('verification: 401 or 403 for a wrong token', async () => {
  expect([401, 403]).toContain(await verify(cluster.id, 'wrong'));
});

test('verification: 401 or 403, and not 404, for a cluster that does not exist', async () => {
  expect([401, 403]).toContain(await verify('no-such-cluster', cluster.token));
});

test('handshake: a cluster that does not exist is refused with the code `unauthorized`', async () => {
  expect(await new Peer({ clusterId: 'no-such-cluster' }).connected()).toBe('unauthorized');
});

test('handshake: a wrong token is refused with the code `unauthorized`', async () => {
  expect(await new Peer({ token: 'wrong' }).connected()).toBe('unauthorized');
});

test('handshake: another version is refused with the code `unsupported_protocol`', async () => {
  expect(await new Peer({ protocol: 999 }).connected()).toBe('unsupported_protocol');
});

test('handshake: at least 16 MiB are announced', async () => {
  expect((await connect()).maxPayload).toBeGreaterThanOrEqual(16 * 1024 * 1024);
});

test('hello: 0 for an epoch never seen', async () => {
  expect(await (await connect()).hello(randomUUID())).toEqual({ acknowledged: 0 });
});

test('hello: 0 for a second new epoch over the same connection, and its frames begin at 1', async () => {
  const [first, second] = [randomUUID(), randomUUID()];
  const peer = await connect();
  await peer.hello(first);
  await Promise.all([peer.frame(first, 1), peer.frame(first, 2)]);
  expect(await peer.hello(second)).toEqual({ acknowledged: 0 });
  expect(await peer.frame(second, 1)).toEqual({ status: 'acknowledged', sequence: 1 });
  expect(await peer.hello(first)).toEqual({ acknowledged: 2 });
});

test('hello: a frame that left a gap does not count', async () => {
  const epoch = randomUUID();
  const peer = await connect();
  await peer.hello(epoch);
  await Promise.all([peer.frame(epoch, 1), peer.frame(epoch, 3), peer.frame(epoch, 999_999)]);
  expect(await peer.hello(epoch)).toEqual({ acknowledged: 1 });
});

test('hello: one without an epoch ends the connection', async () => {
  const peer = await connect();
  const ended = peer.disconnected();
  peer.socket.emit('hello', {}, () => {});
  await expect(ended).resolves.toBeUndefined();
});

test('hello: takes the epoch from an earlier connection, whose late frames are not stored', async () => {
  const epoch = randomUUID();
  const [before, after] = [await connect(), await connect()];
  await before.hello(epoch);
  expect(await before.frame(epoch, 1)).toEqual({ status: 'acknowledged', sequence: 1 });
  expect(await after.hello(epoch)).toEqual({ acknowledged: 1 });
  const late = await Promise.race([
    before.frame(epoch, 2).catch(() => 'no answer'),
    before.disconnected().then(() => 'the connection ended'),
  ]);
  expect(late).not.toEqual({ status: 'acknowledged', sequence: 2 });
  expect(await after.frame(epoch, 3)).toEqual({ status: 'gap', acknowledged: 1 });
  expect(await after.frame(epoch, 2)).toEqual({ status: 'acknowledged', sequence: 2 });
});

test('frames: acknowledged in order, several at a time', async () => {
  const epoch = randomUUID();
  const peer = await connect();
  await peer.hello(epoch);
  expect(await Promise.all([1, 2, 3, 4, 5].map((sequence) => peer.frame(epoch, sequence)))).toEqual(
    [1, 2, 3, 4, 5].map((sequence) => ({ status: 'acknowledged', sequence })),
  );
});

test('frames: one it already has is acknowledged again', async () => {
  const epoch = randomUUID();
  const peer = await connect();
  await peer.hello(epoch);
  await Promise.all([peer.frame(epoch, 1), peer.frame(epoch, 2)]);
  expect(await peer.frame(epoch, 1)).toEqual({ status: 'acknowledged', sequence: 1 });
});

test('frames: one it already has is acknowledged with its own sequence, also with other contents, and changes nothing', async () => {
  const epoch = randomUUID();
  const peer = await connect();
  await peer.hello(epoch);
  await Promise.all([peer.frame(epoch, 1), peer.frame(epoch, 2)]);
  const again = [peer.frame(epoch, 2, spans(7)), peer.frame(epoch, 1, spans(8)), peer.frame(epoch, 3)];
  expect(await Promise.all(again)).toEqual([2, 1, 3].map((sequence) => ({ status: 'acknowledged', sequence })));
  expect(await peer.hello(epoch)).toEqual({ acknowledged: 3 });
});

test('frames: one that leaves a gap is answered `gap` with what is there, and not stored', async () => {
  const epoch = randomUUID();
  const peer = await connect();
  await peer.hello(epoch);
  await peer.frame(epoch, 1);
  expect(await peer.frame(epoch, 3)).toEqual({ status: 'gap', acknowledged: 1 });
  expect(await peer.frame(epoch, 2)).toEqual({ status: 'acknowledged', sequence: 2 });
  expect(await peer.frame(epoch, 3)).toEqual({ status: 'acknowledged', sequence: 3 });
});

test('frames: empty ones count, and all three signals fit into one', async () => {
  const epoch = randomUUID();
  const peer = await connect();
  await peer.hello(epoch);
  expect(await peer.send({ epoch, sequence: 1, sections: [] }, Buffer.alloc(0))).toEqual({
    status: 'acknowledged',
    sequence: 1,
  });
  const parts = (['traces', 'logs', 'metrics'] as const).map((signal) => ({
    signal,
    bytes: new RequestTemplate({ signal, items: 2 }).make(1),
  }));
  const sections = parts.map(({ signal, bytes }) => ({ signal, bytes: bytes.length, items: 2 }));
  expect(await peer.send({ epoch, sequence: 2, sections }, Buffer.concat(parts.map(({ bytes }) => bytes)))).toEqual({
    status: 'acknowledged',
    sequence: 2,
  });
});

test('frames: one of nearly 16 MiB is taken', async () => {
  const epoch = randomUUID();
  const peer = await connect();
  await peer.hello(epoch);
  const payload = new RequestTemplate({ items: 1, textBytes: 16 * 1024 * 1024 - 2048 }).make(1);
  expect(await peer.frame(epoch, 1, payload)).toEqual({ status: 'acknowledged', sequence: 1 });
});

test('reconnection: hello tells what was stored on the connection before, also to another instance', async () => {
  const epoch = randomUUID();
  const before = await connect();
  await before.hello(epoch);
  await Promise.all([before.frame(epoch, 1), before.frame(epoch, 2)]);
  before.close();
  const after = await connect({ instance: 'conformance-1' });
  expect(await after.hello(epoch)).toEqual({ acknowledged: 2 });
  expect(await after.frame(epoch, 2)).toEqual({ status: 'acknowledged', sequence: 2 });
  expect(await after.frame(epoch, 3)).toEqual({ status: 'acknowledged', sequence: 3 });
});

test('instances: several connections of a cluster stay, each with its own epoch', async () => {
  const [a, b] = [await connect({ instance: 'conformance-a' }), await connect({ instance: 'conformance-b' })];
  const [epochA, epochB] = [randomUUID(), randomUUID()];
  await a.hello(epochA);
  await b.hello(epochB);
  expect(await a.frame(epochA, 1)).toEqual({ status: 'acknowledged', sequence: 1 });
  expect(await b.frame(epochB, 1)).toEqual({ status: 'acknowledged', sequence: 1 });
  expect(a.socket.connected && b.socket.connected).toBe(true);
});

test('epochs belong to a cluster: another cluster with the same one begins at 0', async () => {
  const epoch = randomUUID();
  const peer = await connect();
  await peer.hello(epoch);
  await peer.frame(epoch, 1);
  const other = (await register(`conformance-${randomUUID().slice(0, 8)}`, randomUUID())).body;
  const stranger = await connect({ clusterId: other.id, token: other.token });
  expect(await stranger.hello(epoch)).toEqual({ acknowledged: 0 });
});

test.each([
  ['lengths that do not add up', { sequence: 1, sections: [{ signal: 'traces', bytes: 99, items: 1 }] }],
  ['an unknown signal', { sequence: 1, sections: [{ signal: 'profiles', bytes: 1, items: 1 }] }],
  ['sequence 0', { sequence: 0, sections: [{ signal: 'traces', bytes: 1, items: 1 }] }],
  ['no sections', { sequence: 1 }],
  ['a sequence that is no number', { sequence: '1', sections: [{ signal: 'traces', bytes: 1, items: 1 }] }],
])('a frame with %s ends the connection', async (_what, header) => {
  const epoch = randomUUID();
  const peer = await connect();
  await peer.hello(epoch);
  const ended = peer.disconnected();
  peer.socket.emit('frame', { epoch, ...header }, Buffer.from('x'), () => {});
  await expect(ended).resolves.toBeUndefined();
});
