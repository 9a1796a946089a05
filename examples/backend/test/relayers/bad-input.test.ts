import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { io } from 'socket.io-client';
import { register, TestNode, until, type Credentials } from '../fixtures/node.ts';
import { connectPeer, RelayerPeer } from '../fixtures/relayer-peer.ts';
import { makeSpans } from '../fixtures/spans.ts';

let node: TestNode;
let cluster: Credentials;
/** A relayer that must go on undisturbed through every test. */
let bystander: RelayerPeer;

beforeAll(async () => {
  node = await new TestNode({
    MAX_PENDING_CONNECTIONS: '20',
    MAX_CONNECTIONS: '60',
    MAX_FAILURES_PER_MINUTE: '5',
    CLIENT_ADDRESS_HEADER: 'X-Client',
  }).start();
  cluster = (await register(node.url)).body;
});
afterAll(() => node.stop());
beforeEach(async () => {
  bystander = await connectPeer(node.url, cluster, { instance: 'bystander' });
});
afterEach(async () => {
  expect(await bystander.send(makeSpans([{}]))).toEqual({ status: 'acknowledged', sequence: bystander.sequence });
  bystander.close();
});

const refused = (reason: string): number => node.backend.metrics.get('backend_refused_total', reason);

test('wrong tokens, unknown clusters and nonsense for credentials are `unauthorized`, and counted', async () => {
  const before = refused('unauthorized');
  const attempts = [
    { id: cluster.id, token: 'wrong' },
    { id: 'cluster_unknown', token: cluster.token },
    { id: { a: 1 }, token: ['x'] },
    { id: 'a\0b', token: cluster.token },
  ] as unknown as Credentials[];
  for (const attempt of attempts) expect(await new RelayerPeer(node.url, attempt).connected()).toBe('unauthorized');
  expect(refused('unauthorized')).toBe(before + attempts.length);
});

test('malformed frames end the connection they came over', async () => {
  const payload = makeSpans([{}]);
  const section = { signal: 'traces', bytes: payload.length, items: 1 };
  const headers: unknown[] = [
    null,
    'text',
    {},
    { sequence: 0, sections: [section] },
    { sequence: 1.5, sections: [section] },
    { sequence: 1, sections: [null] },
    { sequence: 1, sections: [{ ...section, bytes: 3 }] },
    { sequence: 1, sections: [{ ...section, signal: '__proto__' }] },
    { sequence: 1, sections: [section, { ...section, bytes: 0, items: 0 }] },
    { sequence: 1, sections: [section], epoch: 'never greeted' },
  ];
  for (const header of headers) {
    const peer = await connectPeer(node.url, cluster);
    const ended = peer.disconnected();
    const whole = typeof header === 'object' && header !== null ? { epoch: peer.epoch, ...header } : header;
    peer.socket.emit('frame', whole, payload, () => undefined);
    expect(await ended).toBe('io server disconnect');
  }
  expect(node.backend.metrics.get('backend_frames_total', 'malformed')).toBeGreaterThanOrEqual(headers.length);
});

test('a payload that is no bytes, and events without an acknowledgement, end the connection', async () => {
  const peer = await connectPeer(node.url, cluster);
  const ended = peer.disconnected();
  peer.socket.emit('frame', { epoch: peer.epoch, sequence: 1, sections: [] }, 'text', () => undefined);
  expect(await ended).toBe('io server disconnect');
  const other = await connectPeer(node.url, cluster);
  const alsoEnded = other.disconnected();
  other.socket.emit('hello', { epoch: 'e' });
  expect(await alsoEnded).toBe('io server disconnect');
});

test('a connection with far more unanswered than the protocol has is closed', async () => {
  const frames = await connectPeer(node.url, cluster);
  const greetings = await connectPeer(node.url, cluster);
  const ended = [frames.disconnected(), greetings.disconnected()];
  for (let sequence = 1; sequence <= 5_000; sequence++) {
    const header = { epoch: frames.epoch, sequence, sections: [] };
    frames.socket.emit('frame', header, Buffer.alloc(0), () => undefined);
    greetings.socket.emit('hello', { epoch: greetings.epoch }, () => undefined);
  }
  expect(await Promise.all(ended)).toEqual(['io server disconnect', 'io server disconnect']);
});

test('telemetry that does not decode is refused; the sequence stays free, and the next request is taken', async () => {
  const peer = await connectPeer(node.url, cluster);
  const junk = Buffer.from([0x0a, 0x05, 0xff]);
  expect(await peer.send(junk)).toEqual({ status: 'refused', code: 'invalid_data' });
  peer.sequence = 0;
  expect(await peer.send(makeSpans([{}]))).toEqual({ status: 'acknowledged', sequence: 1 });
  peer.close();
});

test('a resource that spans repeat beyond all measure is refused, and holds up nothing', async () => {
  const peer = await connectPeer(node.url, cluster);
  // Less than 4 MiB to send; 300 MiB of rows.
  const spans = makeSpans(
    Array.from({ length: 150 }, () => ({ name: 'x' })),
    'service',
    { blob: 'b'.repeat(2 * 1024 * 1024) },
  );
  expect(spans.length).toBeLessThan(4 * 1024 * 1024);
  expect(await peer.send(spans, 'traces', 60_000)).toEqual({ status: 'refused', code: 'invalid_data' });
  peer.sequence = 0;
  expect(await peer.send(makeSpans([{}]))).toEqual({ status: 'acknowledged', sequence: 1 });
  peer.close();
});

test('frames in flight behind a refused one are answered `gap`', async () => {
  const peer = await connectPeer(node.url, cluster);
  const answers = await Promise.all([
    peer.send(makeSpans([{}])),
    peer.send(Buffer.from([0xff])),
    peer.send(makeSpans([{}])),
  ]);
  expect(answers).toEqual([
    { status: 'acknowledged', sequence: 1 },
    { status: 'refused', code: 'invalid_data' },
    { status: 'gap', acknowledged: 1 },
  ]);
  peer.close();
});

test('hostile strings are stored as they are, as far as PostgreSQL takes them', async () => {
  const peer = await connectPeer(node.url, cluster);
  const hostile = [
    `'; DROP TABLE spans; --`,
    `\u0000\ud800 \\u0000 \\x00`,
    '%s%n${1+1}{{7*7}}',
    'a'.repeat(3_000_000),
    Array.from({ length: 200_000 }, (_, i) => `word${i}`).join(' '),
    `'${'"'.repeat(50)}:*&|!()<->`,
    'ด้้้้้็็็็็้้้้้็็็็็',
  ];
  for (const text of hostile)
    expect(
      await peer.send(
        makeSpans([{ name: text, agent: text, attributes: { [text.slice(0, 999)]: text, 'gen_ai.prompt': text } }]),
      ),
    ).toEqual({ status: 'acknowledged', sequence: peer.sequence });
  expect(await node.value('SELECT count(*)::int FROM spans WHERE prompt = $1', [hostile[0]])).toBe(1);
  peer.close();
});

test('a message above the announced size ends its connection, and is counted', async () => {
  const peer = await connectPeer(node.url, cluster);
  const before = refused('too_large');
  const ended = peer.disconnected();
  void peer.send(Buffer.alloc(17 * 1024 * 1024)).catch(() => undefined);
  await ended;
  await until('it is counted', () => refused('too_large') === before + 1);
});

test('a flood of connections without a token is refused at its limit, counted, and ends', async () => {
  const flood = await Promise.all(Array.from({ length: 80 }, () => openWebSocket()));
  const refusals = flood.filter((outcome) => typeof outcome === 'string');
  expect(refusals.length).toBeGreaterThanOrEqual(60);
  expect(refusals[0]).toContain('too_many_pending_connections');
  expect(refused('too_many_pending_connections')).toBe(refusals.length);
  expect(await bystander.send(makeSpans([{}]))).toMatchObject({ status: 'acknowledged' });
  for (const outcome of flood) if (typeof outcome !== 'string') outcome.destroy();
});

test('connections without a token from one address leave room for those of others', async () => {
  const flood: (Duplex | string)[] = [];
  for (let i = 0; i < 10; i++) flood.push(await openWebSocket({ 'x-client': '198.51.100.1' }));
  expect(flood.map((outcome) => typeof outcome === 'string')).toEqual([
    ...Array(5).fill(false),
    ...Array(5).fill(true),
  ]);
  const other = await openWebSocket({ 'x-client': '198.51.100.2' });
  expect(other).not.toBeTypeOf('string');
  for (const outcome of [...flood, other]) if (typeof outcome !== 'string') outcome.destroy();
});

test('too many wrong tokens from one address: it is refused, with a good token too; others are not', async () => {
  const headers = { 'x-client': '203.0.113.5' };
  const verify = async (token: string, from: Record<string, string>): Promise<number> =>
    (
      await fetch(`${node.url}/api/v1/clusters/${cluster.id}`, {
        headers: { authorization: `Bearer ${token}`, ...from },
      })
    ).status;
  const before = refused('too_many_failures');
  expect(await new RelayerPeer(node.url, { ...cluster, token: 'wrong' }, { headers }).connected()).toBe('unauthorized');
  for (let i = 0; i < 4; i++) expect(await verify('wrong', headers)).toBe(401);
  expect(await verify(cluster.token, headers)).toBe(429);
  const escaped = await fetch(`${node.url}/%61pi/v1/clusters/${cluster.id}`, { headers });
  expect(escaped.status).toBe(429);
  expect(await new RelayerPeer(node.url, cluster, { headers }).connected()).toBe('websocket error');
  expect(refused('too_many_failures')).toBe(before + 3);
  expect(await verify(cluster.token, { 'x-client': '203.0.113.6' })).toBe(200);
});

test('one connection does not try tokens without end', async () => {
  const guesser = io(`${node.url}/viewer`, {
    transports: ['websocket'],
    auth: { token: 'wrong' },
    reconnection: false,
    forceNew: true,
    extraHeaders: { 'x-client': '203.0.113.7' },
  });
  // Keeps the connection open while the namespace refuses.
  const held = guesser.io.socket('/relayer');
  held.connect();
  const answers: string[] = [];
  for (let i = 0; i < 7; i++) {
    answers.push(await new Promise((resolve) => guesser.once('connect_error', (error) => resolve(error.message))));
    guesser.connect();
  }
  expect(answers.at(-1)).toMatch(/too_many_failures|websocket error/);
  for (const socket of [guesser, held]) socket.disconnect();
});

test('sockets that say nothing are bounded, and give way again', async () => {
  const { port } = new URL(node.url);
  const before = refused('too_many_sockets');
  const sockets = await Promise.all(Array.from({ length: 120 }, () => openSocket(Number(port))));
  await until('those above the limit are closed', () => refused('too_many_sockets') - before >= 120 - 80);
  expect(await bystander.send(makeSpans([{}]))).toMatchObject({ status: 'acknowledged' });
  for (const socket of sockets) socket.destroy();
  await until('there is room again', async () =>
    fetch(`${node.url}/health`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
});

test('the page takes one token only, and asks for nothing without it', async () => {
  const before = refused('viewer_unauthorized');
  for (const token of [undefined, 'wrong', { length: 3 }]) {
    const viewer = io(`${node.url}/viewer`, {
      transports: ['websocket'],
      auth: { token },
      reconnection: false,
      forceNew: true,
    });
    const message = await new Promise((resolve) => viewer.once('connect_error', (error) => resolve(error.message)));
    expect(message).toBe('unauthorized');
    viewer.disconnect();
  }
  expect(refused('viewer_unauthorized')).toBe(before + 3);
});

test('nothing bad has ended the process or filled the log', () => {
  expect(node.lines.length).toBeLessThan(200);
  for (const line of node.lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
});

/** A WebSocket that says nothing; a text is the reason why it was refused. */
function openWebSocket(more: Readonly<Record<string, string>> = {}): Promise<Duplex | string> {
  return new Promise((resolve, reject) => {
    const sent = request(`${node.url}/socket.io/?EIO=4&transport=websocket`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...more,
      },
    });
    sent.on('upgrade', (_response, socket) => resolve(socket));
    sent.on('response', (response) => {
      let text = '';
      response.on('data', (bytes: Buffer) => (text += String(bytes)));
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject);
    sent.end();
  });
}

function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => undefined);
  });
}

test('whoever joins no namespace but the default one is refused, and holds no place', async () => {
  const joined = await Promise.all(
    Array.from({ length: 10 }, () => {
      const socket = io(node.url, { transports: ['websocket'], reconnection: false, forceNew: true });
      return new Promise((resolve) => {
        socket.once('connect', () => resolve('joined'));
        socket.once('connect_error', (error) => resolve(error.message));
      }).finally(() => socket.disconnect());
    }),
  );
  expect(new Set(joined)).toEqual(new Set(['unknown_namespace']));
  expect(refused('unknown_namespace')).toBe(10);
});
