import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { Connection, type Closed } from '../../src/deliver/connection.ts';
import { backendEndpoint } from '../../src/protocol/backend-endpoint.ts';
import { disposeLater } from '../fixtures/set-up.ts';

/** Opens a WebSocket for everybody, and sends these text messages over it; its URL. */
async function serveWebSocket(messages: readonly string[]): Promise<string> {
  const server = createServer();
  server.on('upgrade', (request, socket) => {
    socket.on('error', () => {});
    disposeLater(() => void socket.destroy());
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    // One unmasked, unfragmented text frame each, below 126 bytes.
    for (const text of messages) socket.write(Buffer.from([0x81, Buffer.byteLength(text), ...Buffer.from(text)]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  disposeLater(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const HANDSHAKE = '0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":16777216}';

test.each([
  ['a handshake that is no JSON', ['0{no']],
  ['a handshake without a body', ['0']],
  ['a handshake that is null', ['0null']],
  ['a handshake that is a number', ['05']],
  ['a handshake without `upgrades`', ['0{"sid":"x","maxPayload":16777216}']],
  ['a refusal without data', [HANDSHAKE, '44/relayer,']],
  ['a packet that can’t be parsed', [HANDSHAKE, '40/relayer,[]']],
])('a backend that sends %s ends the connection, and nothing else', async (_what, messages) => {
  const url = await serveWebSocket(messages);
  let closed: Closed | undefined;
  const connection = new Connection({
    endpoint: backendEndpoint({
      url,
      socketPath: '/socket.io',
      proxyUrl: '',
      noProxy: '',
      ca: undefined,
      headers: {},
    }),
    readAuth: () => ({ clusterId: 'cluster_1', token: 'secret-token-1', instance: 'test-0' }),
    timeoutMs: 3000,
    onClosed: (end) => (closed = end),
  });
  expect(await connection.open()).toBe(false);
  expect(closed?.reason).toBe('protocol');
});
