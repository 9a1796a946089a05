import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { Server } from 'socket.io';
import { Manager } from 'socket.io-client';
import { expect, test } from 'vitest';
import { maskInPlace } from '../../src/deliver/mask.ts';
import { InPlaceWebSocket } from '../../src/deliver/websocket.ts';
import { FrameBuffers } from '../../src/queue/frame-buffers.ts';
import { makeCertificate } from '../fixtures/certificate.ts';
import { disposeLater } from '../fixtures/set-up.ts';

test('masking is the XOR of RFC 6455 at every alignment, and undoes itself', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.nat(7),
      (bytes, key, offset) => {
        const payload = Buffer.alloc(offset + bytes.length).subarray(offset);
        payload.set(bytes);
        maskInPlace(payload, Buffer.from(key));
        expect([...payload]).toEqual([...bytes].map((byte, i) => byte ^ (key[i % 4] as number)));
        maskInPlace(payload, Buffer.from(key));
        expect([...payload]).toEqual([...bytes]);
      },
    ),
    { numRuns: 500 },
  );
});

/** A Socket.IO server that answers `echo` with what it got, and a client over the transport. */
async function connectTo(server: ReturnType<typeof createHttpServer>, scheme: string, ca?: string) {
  const io = new Server(server, { maxHttpBufferSize: 16 << 20, serveClient: false });
  io.on('connection', (socket) =>
    socket.on('echo', (header: unknown, payload: Buffer, answer: (...all: unknown[]) => void) =>
      answer(header, payload),
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `${scheme}://localhost:${(server.address() as AddressInfo).port}`;
  const manager = new Manager(url, { transports: [InPlaceWebSocket], reconnection: false, ...(ca ? { ca } : {}) });
  const socket = manager.socket('/');
  disposeLater(() => void socket.disconnect());
  disposeLater(() => io.close());
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    manager.once('error', reject);
  });
  return socket;
}

/** The lengths at which the head of a WebSocket frame changes, and those at which buffers do. */
const LENGTHS = [0, 1, 3, 4, 125, 126, 65_535, 65_536, 81_920, 500_001, 655_344, 655_345, 3_000_000];

test.each(['http', 'https'])(
  '%s: messages of every length arrive as they are, in order and all at once',
  async (scheme) => {
    const certificate = makeCertificate();
    const server = scheme === 'http' ? createHttpServer() : createHttpsServer(certificate);
    const socket = await connectTo(server, scheme, certificate.cert);
    const buffers = new FrameBuffers();
    const round = LENGTHS.map(async (length, i) => {
      const contents = Buffer.alloc(length, `${length} ${i} `);
      const payload = buffers.take(length);
      contents.copy(payload);
      const [header, answer] = await new Promise<[object, Buffer]>((resolve) => {
        socket.emit('echo', { length, i }, payload, (...all: [object, Buffer]) => resolve(all));
      });
      expect(header).toEqual({ length, i });
      expect(answer.equals(contents)).toBe(true);
      // It was masked where it lies, so that no copy of it was made.
      if (length > 0) expect(payload.equals(contents)).toBe(false);
      buffers.giveBack(payload);
    });
    await Promise.all(round);
  },
);

test('what has no room in front is left as it is', async () => {
  const socket = await connectTo(createHttpServer(), 'http');
  const payload = Buffer.from(new ArrayBuffer(100_000)).fill('x');
  const answer = await new Promise<Buffer>((resolve) =>
    socket.emit('echo', {}, payload, (_header: unknown, bytes: Buffer) => resolve(bytes)),
  );
  expect(answer.equals(payload)).toBe(true);
  expect(payload.equals(Buffer.alloc(100_000, 'x'))).toBe(true);
});
