import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { connect as connectHttp2 } from 'node:http2';
import { mkdirSync, openSync, readFileSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { pause, until } from '../fixtures/relayer-process.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { Sender } from '../fixtures/sender.ts';
import { disposeLater, setUp } from '../fixtures/set-up.ts';
import {
  encodeRecordHeader,
  encodeSegmentHeader,
  RECORD_HEADER_BYTES,
  segmentFileName,
} from '../../src/queue/record-format.ts';
import { SCALE } from './scale.ts';

function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Writes segments as an earlier process would have left them. */
function writeBacklog(directory: string, bytes: number): { requests: number; items: number } {
  const template = new RequestTemplate({ items: 100, textBytes: 210 });
  const salt = 0x12345671;
  mkdirSync(directory, { recursive: true });
  let requests = 0;
  for (let segment = 1, written = 0; written < bytes; segment++) {
    const fd = openSync(join(directory, segmentFileName(segment)), 'w');
    const chunks = [encodeSegmentHeader(salt, segment)];
    for (let size = 0; size < 15 * 1024 * 1024 && written < bytes;) {
      const payload = template.make(requests++ * 100 + 1);
      const header = Buffer.alloc(RECORD_HEADER_BYTES);
      encodeRecordHeader(header, 0, salt, {
        length: payload.length,
        items: 100,
        signal: 'traces',
        receivedAtMs: Date.now(),
        payloadCrc: crc32(payload),
      });
      chunks.push(header, payload);
      size += header.length + payload.length;
      written += header.length + payload.length;
    }
    writeSync(fd, Buffer.concat(chunks));
    closeSync(fd);
  }
  return { requests, items: requests * 100 };
}

test(
  `Backlog of ${SCALE.backlogBytes / 1024 ** 2} MiB: listening within a second, flat memory, all delivered`,
  async () => {
    const { backend, relayer } = await setUp({ QUEUE_MAX_BYTES: String(2 * 1024 ** 3) }, { trackIds: false });
    const { items } = writeBacklog(relayer.files.queue, SCALE.backlogBytes);
    // On a machine that is too busy to start even an empty relayer in time, the backlog may add little.
    const { relayer: empty } = await setUp();
    const emptyMs = await empty.start();
    const startMs = await relayer.start();
    expect(startMs).toBeLessThan(Math.max(1_000, emptyMs + 500));
    let peak = 0;
    await until(
      'everything is delivered',
      async () => {
        peak = Math.max(peak, residentMiB(relayer.pid));
        await pause(100);
        return (await relayer.metric('relayer_queue_bytes')) === 0;
      },
      SCALE.timeoutMs,
    );
    expect(backend.received.items).toBe(items);
    expect(peak).toBeLessThan(150);
    console.log(`backlog: listening after ${Math.round(startMs)} ms, peak RSS ${Math.round(peak)} MiB`);
  },
  SCALE.timeoutMs,
);

test('an outage under full load: memory stays flat and a full queue refuses with a retry', async () => {
  const { backend, relayer } = await setUp({ QUEUE_MAX_BYTES: String(48 * 1024 ** 2) });
  await backend.stop();
  await relayer.start();
  const sender = new Sender(relayer.ports.grpc, { items: 100, textBytes: 210 });
  const sending = sender.run(16);
  let peak = 0;
  await until('the queue is full', async () => {
    peak = Math.max(peak, residentMiB(relayer.pid));
    await pause(50);
    return (await relayer.metric('relayer_otel_refused_total', 'full')) > 50;
  });
  expect((await relayer.get('/readyz')).status).toBe(200);
  const refusal = await relayer.post('/v1/traces', new RequestTemplate({ items: 100 }).make(9_000_000));
  expect(refusal.status).toBe(503);
  expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  sender.stop();
  await sending;
  expect(await relayer.metric('relayer_queue_disk_bytes')).toBeLessThanOrEqual(48 * 1024 ** 2);
  await backend.start();
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
  expect(peak).toBeLessThan(150);
});

test('SIGTERM under load, twice: nothing acknowledged is lost, exit 0 in time', async () => {
  const { backend, relayer } = await setUp();
  await relayer.start();
  const sender = new Sender(relayer.ports.grpc, { items: 5 });
  const sending = sender.run(30);
  await pause(500);
  const begin = performance.now();
  relayer.signal('SIGTERM');
  const exit = await relayer.terminate();
  expect(exit.code).toBe(0);
  expect(performance.now() - begin).toBeLessThan(10_000);
  sender.stop();
  await sending;
  expect(sender.acknowledged.size).toBeGreaterThan(100);
  // With the backend there, everything was sent before the end: nothing is left for a next start.
  expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
});

test.each(['SIGHUP', 'SIGINT'] as const)('%s is like SIGTERM: what is queued is sent first, exit 0', async (signal) => {
  const { backend, relayer } = await setUp();
  await relayer.start();
  backend.faults.delayMs = 500;
  const sender = new Sender(relayer.ports.grpc, { items: 5 });
  await sender.run(1, 20);
  relayer.signal(signal);
  expect((await relayer.terminate()).code).toBe(0);
  expect(backend.effects.size).toBe(100);
  expect(relayer.output).toContain('the queue is empty');
});

test('SIGTERM while the backend is down: exit 0 within the grace period, sent after the next start', async () => {
  // A breaker that stays open and an attempt that hangs must not use up the grace period.
  const { backend, relayer } = await setUp({
    BACKEND_CIRCUIT_BREAKER_FAILURE_THRESHOLD: '1',
    BACKEND_CIRCUIT_BREAKER_TIMEOUT_SECONDS: '600',
    BACKEND_CONNECTION_TIMEOUT_SECONDS: '30',
  });
  await backend.stop();
  const silent = createServer((socket) => socket.resume().on('error', () => {})).listen(
    Number(new URL(backend.url).port),
    '127.0.0.1',
  );
  await relayer.start();
  const sender = new Sender(relayer.ports.grpc, { items: 5 });
  await sender.run(5, 100);
  const begin = performance.now();
  const ending = relayer.terminate();
  await until('it is not ready any more', async () => (await relayer.get('/readyz')).status === 503);
  expect(await relayer.health()).toMatchObject({ status: 'degraded', otel: { ready: false } });
  const exit = await ending;
  expect(exit.code).toBe(0);
  // What can't be delivered is in the queue: the grace period is not used up for it.
  expect(performance.now() - begin).toBeLessThan(12_000);
  expect(exit.output.match(/connection failed/g)?.length ?? 0).toBeLessThan(50);
  await new Promise((resolve) => silent.close(resolve));
  await backend.start();
  await relayer.start();
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
});

test('SIGTERM while the backend comes back: the rest is still sent', async () => {
  const { backend, relayer } = await setUp();
  await backend.stop();
  await relayer.start();
  const sender = new Sender(relayer.ports.grpc, { items: 5 });
  await sender.run(5, 100);
  const ending = relayer.terminate();
  await pause(500);
  await backend.start();
  expect((await ending).code).toBe(0);
  expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
});

test(`${SCALE.connections} idle and half-sent connections: others are served, and memory comes back`, async () => {
  const { backend, relayer } = await setUp();
  await relayer.start();
  const sockets: Socket[] = [];
  disposeLater(() => sockets.forEach((socket) => socket.destroy()));
  for (let i = 0; i < SCALE.connections; i++) {
    const socket = connectTcp(i % 2 ? relayer.ports.grpc : relayer.ports.http, '127.0.0.1');
    socket.on('error', () => {});
    socket.once('connect', () =>
      socket.write(
        i % 2
          ? 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'
          : 'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 1000\r\n\r\nabc',
      ),
    );
    sockets.push(socket);
    if (i % 100 === 0) await pause(10);
  }
  await pause(300);
  const sender = new Sender(relayer.ports.grpc, { items: 5 });
  await sender.run(10, 200);
  expect(sender.refused).toBe(0);
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
});

test('MaxConnectionAge: an old connection gets GOAWAY and its running request an answer', async () => {
  const { relayer } = await setUp({ OTLP_MAX_CONNECTION_AGE_SECONDS: '1' });
  await relayer.start();
  const session = connectHttp2(`http://127.0.0.1:${relayer.ports.grpc}`);
  disposeLater(() => session.destroy());
  session.on('error', () => {});
  const goaway = new Promise<number>((resolve) => session.once('goaway', (code) => resolve(code)));
  expect(await goaway).toBe(0);
  await new Promise((resolve) => session.once('close', resolve));
});

test('ClockJumps: a wall clock an hour off, either way, changes nothing', async () => {
  const { backend, relayer } = await setUp();
  await backend.stop();
  await relayer.start();
  const sender = new Sender(relayer.ports.grpc, { items: 5 });
  await sender.run(5, 50);
  await relayer.kill();
  // The records were received, as it were, two hours in the future.
  relayer.files.write('clock.mjs', 'const real = Date.now; Date.now = () => real() - 7_200_000;');
  relayer.env['NODE_OPTIONS'] = `--import ${join(relayer.files.root, 'clock.mjs')}`;
  await relayer.start();
  expect(await relayer.metric('relayer_queue_oldest_age_seconds')).toBe(0);
  await sender.run(5, 100);
  await backend.start();
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
});

test('NoDescriptors: connections over the limit fail, the process does not, and it recovers by itself', async () => {
  const { backend, relayer } = await setUp();
  await relayer.start({ descriptors: 60 });
  const sender = new Sender(relayer.ports.grpc, { items: 5 });
  await sender.run(2, 20);
  const sockets = Array.from({ length: 100 }, () => connectTcp(relayer.ports.grpc, '127.0.0.1').on('error', () => {}));
  disposeLater(() => sockets.forEach((socket) => socket.destroy()));
  await pause(500);
  backend.disconnectAll();
  await pause(500);
  for (const socket of sockets) socket.destroy();
  await until(
    'it is connected again',
    async () => (await relayer.metric('relayer_backend_connected').catch(() => 0)) === 1,
  );
  await sender.run(2, 100);
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
  expect((await relayer.terminate()).code).toBe(0);
});
