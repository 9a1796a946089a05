import { connect, type Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { encodeFrame, encodeHeaders, ERROR, FLAG, FRAME, PREFACE, uint32 } from '../../src/receive/http2/frame.ts';
import { pause, until, type RelayerProcess } from '../fixtures/relayer-process.ts';
import { Sender } from '../fixtures/sender.ts';
import { disposeLater, setUp } from '../fixtures/set-up.ts';

/*
 * With the default limits (64 MiB a request, twice that in flight), what strangers send may not come
 * near the 512 MiB that the chart gives the container. The process has about 60 MiB by itself, and
 * what it has given up stays until it is collected.
 */
const MAX_PEAK_MIB = 400;
/** Bombs are inflated one after the other, which takes 230 MiB; two at once would take 290. */
const MAX_BOMBS_MIB = 270;
const MIB = 1024 ** 2;

const PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const HEADERS = encodeHeaders([
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', PATH],
  ['te', 'trailers'],
  ['content-type', 'application/grpc'],
]);

/** The most memory the process ever had. */
function peakMiB({ pid }: RelayerProcess): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function started(): Promise<RelayerProcess> {
  const { relayer } = await setUp({ LOG_LEVEL: 'error' });
  await relayer.start();
  return relayer;
}

/** It is alive, takes telemetry, and never was too large. */
async function expectSound(relayer: RelayerProcess, maxMiB = MAX_PEAK_MIB): Promise<void> {
  const sender = new Sender(relayer.ports.grpc, { items: 5 });
  await sender.run(5, 50);
  expect(sender.refused).toBe(0);
  const peak = peakMiB(relayer);
  console.log(`peak RSS ${Math.round(peak)} MiB`);
  expect(peak).toBeLessThan(maxMiB);
}

/** Statuses of requests sent at once. */
function postAll(relayer: RelayerProcess, bodies: readonly (Buffer | string)[], headers: object): Promise<number[]> {
  return Promise.all(
    bodies.map(async (body) => {
      const response = await relayer.post('/v1/traces', body, headers as Record<string, string>);
      await response.arrayBuffer();
      return response.status;
    }),
  );
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => {});
    socket.resume();
    disposeLater(() => void socket.destroy());
  });
}

async function openHttp2(relayer: RelayerProcess): Promise<Socket> {
  const socket = await open(relayer.ports.grpc);
  socket.write(Buffer.concat([PREFACE, encodeFrame(FRAME.settings, 0, 0)]));
  return socket;
}

test.each([
  ['nested arrays', '['.repeat(16 * MIB), 400],
  ['nested arrays of an unknown key', `{"x":${'['.repeat(16 * MIB)}`, 400],
  ['small objects', `{"resourceSpans":[${'{},'.repeat(5 * MIB)}{}]}`, 200],
  ['small objects of an unknown key', `{"x":[${'{},'.repeat(5 * MIB)}{}]}`, 200],
  ['keys', `{"resourceSpans":[{${Array.from({ length: MIB }, (_, i) => `"k${i}":0`).join()}}]}`, 200],
  ['numbers', `{"resourceSpans":[{"scopeSpans":[{"x":[${'0,'.repeat(8 * MIB)}0]}]}]}`, 200],
])(
  'JSON of many MiB, several at once: %s',
  async (_what, json, status) => {
    const relayer = await started();
    const statuses = await postAll(relayer, [json, json, json], { 'content-type': 'application/json' });
    expect(statuses).toContain(status);
    for (const each of statuses) expect([status, 503]).toContain(each);
    await expectSound(relayer);
  },
  120_000,
);

test('JSON of many small objects, compressed, many at once', async () => {
  const relayer = await started();
  const bomb = gzipSync(`{"resourceSpans":[${'{},'.repeat(20 * MIB)}{}]}`);
  const statuses = await postAll(relayer, Array(6).fill(bomb) as Buffer[], {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
  });
  for (const status of statuses) expect([200, 503]).toContain(status);
  await expectSound(relayer);
}, 120_000);

test.each([
  ['gzip', gzipSync(Buffer.alloc(100 * MIB), { level: 9 })],
  // Without a trailer that tells its size.
  ['deflate', deflateSync(Buffer.alloc(100 * MIB), { level: 9 })],
])(
  '64 %s bombs at once',
  async (encoding, bomb) => {
    const relayer = await started();
    const statuses = await postAll(relayer, Array(64).fill(bomb) as Buffer[], { 'content-encoding': encoding });
    for (const status of statuses) expect([413, 503]).toContain(status);
    await expectSound(relayer, MAX_BOMBS_MIB);
  },
  120_000,
);

test('bytes of half-sent requests among bytes that are dropped do not keep what they came with', async () => {
  const relayer = await started();
  const socket = await openHttp2(relayer);
  // Stream 1 is refused at once, so that what comes on it is dropped and costs its sender nothing.
  const unknown = encodeHeaders([
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', '/unknown'],
    ['content-type', 'application/grpc'],
  ]);
  socket.write(encodeFrame(FRAME.headers, FLAG.endHeaders, 1, unknown));
  socket.write(encodeFrame(FRAME.data, 0, 1, Buffer.alloc(1)));
  const announced = Buffer.concat([Buffer.from([0]), uint32(60 * MIB)]);
  for (let stream = 3; stream < 1003; stream += 2)
    socket.write(
      Buffer.concat([
        encodeFrame(FRAME.headers, FLAG.endHeaders, stream, HEADERS),
        encodeFrame(FRAME.data, 0, stream, announced),
      ]),
    );
  const junk = encodeFrame(FRAME.data, 0, 1, Buffer.alloc(65_000));
  for (let i = 0; i < 6000; i++) {
    const stream = 3 + 2 * (i % 500);
    const piece = Buffer.concat([encodeFrame(FRAME.data, 0, stream, Buffer.alloc(1)), junk]);
    if (!socket.write(piece)) await new Promise((resolve) => socket.once('drain', resolve));
  }
  await expectSound(relayer);
}, 120_000);

test('a request of a million DATA frames of one byte', async () => {
  const relayer = await started();
  const socket = await openHttp2(relayer);
  const one = encodeFrame(FRAME.data, 0, 1, Buffer.alloc(1));
  const many = Buffer.concat(Array(10_000).fill(one) as Buffer[]);
  socket.write(encodeFrame(FRAME.headers, FLAG.endHeaders, 1, HEADERS));
  socket.write(encodeFrame(FRAME.data, 0, 1, Buffer.concat([Buffer.from([0]), uint32(60 * MIB)])));
  for (let i = 0; i < 100; i++) if (!socket.write(many)) await new Promise((resolve) => socket.once('drain', resolve));
  await expectSound(relayer);
}, 120_000);

test('header blocks that grow when they are decoded', async () => {
  const relayer = await started();
  const socket = await openHttp2(relayer);
  // One entry of 4,000 bytes into the dynamic table (0x40), then 12,000 references to it (0xbe = 62).
  const entry = Buffer.concat([Buffer.from([0x40, 1, 0x78, 0x7f, 0xa1, 0x1e]), Buffer.alloc(4000, 0x61)]);
  const bomb = Buffer.concat([Buffer.from([0x83, 0x86, 0x84]), entry, Buffer.alloc(12_000, 0xbe)]);
  for (let i = 0; i < 900; i++) {
    const frame = encodeFrame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1 + 2 * i, bomb);
    if (!socket.write(frame)) await new Promise((resolve) => socket.once('drain', resolve));
  }
  await expectSound(relayer);
  expect(await relayer.metric('relayer_otel_refused_total', 'too_large')).toBe(900);
}, 120_000);

test('2,000 connections with a part of a request each', async () => {
  const relayer = await started();
  const http2 = Buffer.concat([
    PREFACE,
    encodeFrame(FRAME.settings, 0, 0),
    encodeFrame(FRAME.headers, FLAG.endHeaders, 1, HEADERS),
    encodeFrame(FRAME.data, 0, 1, Buffer.concat([Buffer.from([0]), uint32(60 * MIB), Buffer.alloc(20_000)])),
    // And the beginning of a header block that never comes whole.
    encodeFrame(FRAME.headers, FLAG.endHeaders, 3, Buffer.alloc(16_000)).subarray(0, 15_000),
  ]);
  const http1 = Buffer.concat([
    Buffer.from('POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n'),
    Buffer.from(`x: ${'y'.repeat(10_000)}\r\ncontent-length: 60000000\r\n\r\n`),
    Buffer.alloc(20_000),
  ]);
  for (let i = 0; i < 2000; i++) {
    const socket = await open(i % 2 ? relayer.ports.grpc : relayer.ports.http);
    socket.write(i % 2 ? http2 : http1);
  }
  await pause(500);
  await expectSound(relayer);
}, 120_000);

/** Connections with a thousand requests each, of which these frames are there. */
async function openStreams(relayer: RelayerProcess, connections: number, data: Buffer): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let i = 0; i < connections; i++) {
    const socket = await openHttp2(relayer);
    sockets.push(socket);
    const frames: Buffer[] = [];
    for (let stream = 1; stream < 2000; stream += 2) {
      frames.push(encodeFrame(FRAME.headers, FLAG.endHeaders, stream, HEADERS));
      if (data.length > 0) frames.push(encodeFrame(FRAME.data, 0, stream, data));
    }
    if (!socket.write(Buffer.concat(frames))) await new Promise((resolve) => socket.once('drain', resolve));
  }
  await relayer.health();
  return sockets;
}

test('90,000 requests of which one byte each is there', async () => {
  const relayer = await started();
  const sockets = await openStreams(relayer, 90, Buffer.alloc(1));
  // Most of them don't fit into the memory of all.
  const refused = (): Promise<number> => relayer.metric('relayer_otel_refused_total', 'unavailable');
  await until('they are refused', async () => (await refused()) > 60_000);
  for (const socket of sockets) socket.destroy();
  await pause(200);
  await expectSound(relayer);
}, 120_000);

test('more requests than all connections together may have open', async () => {
  const relayer = await started();
  const sockets = await openStreams(relayer, 100, Buffer.alloc(0));
  const late = await openHttp2(relayer);
  let answer = Buffer.alloc(0);
  late.on('data', (bytes: Buffer) => (answer = Buffer.concat([answer, bytes])));
  late.write(encodeFrame(FRAME.headers, FLAG.endHeaders, 1, HEADERS));
  const refused = encodeFrame(FRAME.reset, 0, 1, uint32(ERROR.refusedStream));
  await until('the stream is refused', () => answer.includes(refused));
  for (const socket of sockets) socket.destroy();
  await pause(200);
  await expectSound(relayer);
}, 120_000);

test('thousands of pipelined requests, and nobody reads the answers', async () => {
  const relayer = await started();
  const write = async (port: number, path: string): Promise<void> => {
    const socket = (await open(port)).pause();
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`.repeat(2000));
  };
  for (let i = 0; i < 50; i++) await write(relayer.ports.health, '/metrics');
  for (let i = 0; i < 60; i++) await write(relayer.ports.http, '/a');
  await until('they are refused', async () => (await relayer.metric('relayer_otel_refused_total')) >= 120_000, 60_000);
  await expectSound(relayer);
}, 120_000);
