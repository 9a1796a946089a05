import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { Connection, type Closed } from '../../src/deliver/connection.ts';
import { backendEndpoint } from '../../src/protocol/backend-endpoint.ts';
import { disposeLater } from '../fixtures/set-up.ts';

/** Opens a WebSocket for everybody, and sends these text messages over it, some of them a moment later; its URL. */
async function serveWebSocket(
  messages: readonly string[],
  later: readonly string[],
  onUpgrade: () => void,
): Promise<string> {
  const server = createServer();
  server.on('upgrade', (request, socket) => {
    onUpgrade();
    socket.on('error', () => {});
    disposeLater(() => void socket.destroy());
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    // One unmasked, unfragmented text frame each, below 126 bytes.
    const send = (text: string): unknown =>
      socket.write(Buffer.from([0x81, Buffer.byteLength(text), ...Buffer.from(text)]));
    messages.forEach(send);
    setTimeout(() => later.forEach(send), 200);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  disposeLater(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const HANDSHAKE = '0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":16777216}';
const ACCEPTED = '40/relayer,{"sid":"y"}';

/** Everything that a connection to this backend was told of; `readAuth` is called once it is shaken hands with. */
async function open(
  messages: readonly string[],
  {
    later = [] as readonly string[],
    onUpgrade = () => {},
    readAuth = () => ({ clusterId: 'cluster_1', token: 'secret-token-1', instance: 'test-0' }),
  } = {},
): Promise<{ readonly connection: Connection; readonly isOpen: boolean; readonly closed: Closed[] }> {
  const url = await serveWebSocket(messages, later, onUpgrade);
  const closed: Closed[] = [];
  const endpoint = { url, socketPath: '/socket.io', proxyUrl: '', noProxy: '', ca: undefined, headers: {} };
  const connection = new Connection({
    endpoint: backendEndpoint(endpoint),
    readAuth,
    timeoutMs: 1000,
    onClosed: (end) => void closed.push(end),
  });
  return { connection, isOpen: await connection.open(), closed };
}

test.each([
  ['a handshake that is no JSON', ['0{no']],
  ['a handshake without a body', ['0']],
  ['a handshake that is null', ['0null']],
  ['a handshake that is a number', ['05']],
  ['a handshake without `upgrades`', ['0{"sid":"x","maxPayload":16777216}']],
  ['a handshake whose intervals are texts', [HANDSHAKE.replace('25000', '"25000"')]],
  ['an acceptance without data', [HANDSHAKE, '40/relayer,']],
  ['an acceptance without a sid', [HANDSHAKE, '40/relayer,{}']],
  ['a refusal without data', [HANDSHAKE, '44/relayer,']],
  ['a refusal whose message is no text', [HANDSHAKE, '44/relayer,{"message":{"toString":1}}']],
  ['a packet that can’t be parsed', [HANDSHAKE, '40/relayer,[]']],
  ['an event without data', [HANDSHAKE, '42/relayer,']],
  ['something that is no packet, first', ['hello']],
  ['something that is no packet, later', [HANDSHAKE, '9']],
  ['an empty message', [HANDSHAKE, '']],
])('a backend that sends %s ends the connection as a protocol failure, and nothing else', async (_what, messages) => {
  const { isOpen, closed } = await open(messages);
  expect([isOpen, closed]).toEqual([false, [{ reason: 'protocol', detail: expect.any(String) }]]);
});

test('an answer without data ends the connection as a protocol failure', async () => {
  const { connection, isOpen, closed } = await open([HANDSHAKE, ACCEPTED], { later: ['43/relayer,0'] });
  expect(isOpen).toBe(true);
  expect(await connection.greet('epoch')).toBeUndefined();
  expect(closed).toMatchObject([{ reason: 'protocol', detail: expect.stringContaining('no data') }]);
});

test('an upgrade that is announced over the WebSocket is not taken: it would be a second one, that nobody looks after', async () => {
  let upgrades = 0;
  const announced = HANDSHAKE.replace('[]', '["websocket"]');
  const { connection, isOpen, closed } = await open([announced, ACCEPTED], { onUpgrade: () => void upgrades++ });
  expect(isOpen).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect([upgrades, closed]).toEqual([1, []]);
  connection.close({ reason: 'closed', detail: 'done' });
});

test('a connection that is closed before it is greeted is not waited for', async () => {
  const { connection, isOpen, closed } = await open([HANDSHAKE, ACCEPTED]);
  expect(isOpen).toBe(true);
  connection.close({ reason: 'closed', detail: 'a test' });
  const begin = performance.now();
  expect(await connection.greet('epoch')).toBeUndefined();
  expect(performance.now() - begin).toBeLessThan(500);
  expect(closed).toEqual([{ reason: 'closed', detail: 'a test' }]);
});

test('ping intervals that no timer takes are refused with the number, and nothing is printed', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  disposeLater(() => void process.off('warning', note));
  const { closed } = await open([HANDSHAKE.replace('25000', '2147483647')]);
  expect(closed).toMatchObject([{ reason: 'protocol', detail: expect.stringContaining('2147503647 ms') }]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
  // The longest that there are.
  const accepted = await open([HANDSHAKE.replace('25000', String(2 ** 31 - 1 - 20_000)), ACCEPTED]);
  expect(accepted).toMatchObject({ isOpen: true, closed: [] });
  accepted.connection.close({ reason: 'closed', detail: 'done' });
});

test('a fault of our own while a message is handled is not taken for one of the backend', async () => {
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  disposeLater(() => {
    for (const listener of others) process.on('uncaughtException', listener);
  });
  const thrown = new Promise((resolve) => process.once('uncaughtException', resolve));
  const fault = new Error('a fault of our own');
  const readAuth = (): never => {
    throw fault;
  };
  const { closed } = await open([HANDSHAKE], { readAuth });
  expect(await thrown).toBe(fault);
  expect(closed).toEqual([{ reason: 'timeout', detail: 'no connection in time' }]);
});
