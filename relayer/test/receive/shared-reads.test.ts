import { randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { shareReads } from '../../src/receive/shared-reads.ts';
import { H2Client } from '../fixtures/h2-client.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { until } from '../fixtures/relayer-process.ts';
import { disposeLater } from '../fixtures/set-up.ts';
import { startReceivers } from './set-up.ts';

interface Received {
  readonly pieces: Buffer[];
  readonly memory: Set<ArrayBufferLike>;
  readonly socket: Socket;
  ended: boolean;
}

/** A server that keeps copies of what each of its connections receives. */
async function startServer(prepare: (accepted: Socket) => void = () => {}) {
  const connections: Received[] = [];
  const server = createServer({ pauseOnConnect: true }, (accepted) => {
    prepare(accepted);
    const pieces: Buffer[] = [];
    const memory = new Set<ArrayBufferLike>();
    const socket = shareReads(accepted, (bytes) => {
      pieces.push(Buffer.from(bytes));
      memory.add(bytes.buffer);
    });
    const received: Received = { pieces, memory, socket, ended: false };
    socket.on('error', () => {});
    socket.on('end', () => (received.ended = true));
    connections.push(received);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  disposeLater(() => {
    for (const { socket } of connections) socket.destroy();
    server.close();
  });
  return { server, connections, port: (server.address() as AddressInfo).port };
}

const read = ({ pieces }: Received): Buffer => Buffer.concat(pieces);

test('connections that are read in turn get their own bytes, all from one buffer; answers and ends come through', async () => {
  const { server, connections, port } = await startServer();
  const contents = [randomBytes(3_000_000), randomBytes(3_000_000)];
  const clients = contents.map((bytes) => connect(port, '127.0.0.1').resume().end(bytes));
  await until('both have ended', () => connections.length === 2 && connections.every(({ ended }) => ended));
  expect(connections.map((connection) => contents.findIndex((bytes) => bytes.equals(read(connection)))).sort()).toEqual(
    [0, 1],
  );
  expect(new Set(connections.flatMap(({ memory }) => [...memory])).size).toBe(1);
  const closed = new Promise((resolve) => server.close(resolve));
  await until('the clients are told', () => clients.every(({ closed: gone }) => gone));
  // Each was taken off the server's account.
  await closed;
});

test('a connection that is reset, and one that its server ends: the server can close', async () => {
  const { server, connections, port } = await startServer();
  const [reset, ended] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1').resume()];
  await until('both are there', () => connections.length === 2);
  const closed = new Promise((resolve) => server.close(resolve));
  reset.resetAndDestroy();
  const last = connections.find(({ socket }) => socket.remotePort === ended.localPort);
  last?.socket.end('bye');
  await closed;
});

test('where a socket does not give its connection away, it is read the usual way', async () => {
  const { connections, port } = await startServer((accepted) => {
    let handle: unknown = Reflect.get(accepted, '_handle');
    let asked = false;
    Object.defineProperty(accepted, '_handle', {
      get: () => {
        if (asked) return handle;
        asked = true;
        return undefined;
      },
      set: (value: unknown) => {
        handle = value;
      },
    });
  });
  connect(port, '127.0.0.1').end('hello');
  await until('it has ended', () => connections[0]?.ended === true);
  expect(read(connections[0] as Received).toString()).toBe('hello');
});

test('a compressed request that came in one piece is whole when it is inflated, whatever was read since', async () => {
  const { grpcPort, records } = await startReceivers();
  const request = new RequestTemplate({ items: 30, textBytes: 2000 }).make(1);
  // Incompressible, so that it is inflated on another thread, and smaller than what is read at once.
  const noise = randomBytes(20_000).toString('hex');
  const message = Buffer.concat([request, unknownField(noise)]);
  const body = gzipSync(message);
  expect(body.length).toBeGreaterThan(16_384);
  expect(body.length).toBeLessThan(60_000);
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
  const client = await H2Client.connect(grpcPort, path, { 'grpc-encoding': 'gzip' });
  const other = await H2Client.connect(grpcPort, path);
  let answered = 0;
  for (let i = 0; i < 20; i++) {
    client.call(body, (ok) => (answered += Number(ok)), true);
    for (let j = 0; j < 5; j++) other.call(request, (ok) => (answered += Number(ok)));
  }
  await until('all are answered', () => answered === 120);
  client.close();
  other.close();
  expect(records.filter(({ payload }) => payload.equals(message))).toHaveLength(20);
  expect(records.filter(({ payload }) => payload.equals(request))).toHaveLength(100);
});

/** A field of the request that OTLP does not have: it is kept as it is. */
function unknownField(text: string): Buffer {
  const length = Buffer.from([(text.length & 0x7f) | 0x80, ((text.length >> 7) & 0x7f) | 0x80, text.length >> 14]);
  return Buffer.concat([Buffer.from([(15 << 3) | 2]), length, Buffer.from(text)]);
}
