import { request } from 'node:http';
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
  node = await new TestNode({ MAX_PENDING_CONNECTIONS: '20', MAX_CONNECTIONS: '60' }).start();
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

test('telemetry that does not decode is refused; the sequence stays free, and the next request is taken', async () => {
  const peer = await connectPeer(node.url, cluster);
  const junk = Buffer.from([0x0a, 0x05, 0xff]);
  expect(await peer.send(junk)).toEqual({ status: 'refused', code: 'invalid_data' });
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
  const flood = await Promise.all(Array.from({ length: 80 }, openWebSocket));
  const refusals = flood.filter((outcome) => typeof outcome === 'string');
  expect(refusals.length).toBeGreaterThanOrEqual(60);
  expect(refusals[0]).toContain('too_many_pending_connections');
  expect(refused('too_many_pending_connections')).toBe(refusals.length);
  expect(await bystander.send(makeSpans([{}]))).toMatchObject({ status: 'acknowledged' });
  for (const outcome of flood) if (typeof outcome !== 'string') outcome.destroy();
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
function openWebSocket(): Promise<Duplex | string> {
  return new Promise((resolve, reject) => {
    const sent = request(`${node.url}/socket.io/?EIO=4&transport=websocket`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
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
