import { connect } from 'node:net';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { encodeFrame, encodeHeaders, FLAG, FRAME, PREFACE, uint32 } from '../../src/receive/http2/frame.ts';
import { SCALE } from '../faults/scale.ts';
import { H2Client } from '../fixtures/h2-client.ts';
import { itemJson, requestJson, RequestTemplate } from '../fixtures/otlp.ts';
import { pause, until, type RelayerProcess } from '../fixtures/relayer-process.ts';
import { Sender } from '../fixtures/sender.ts';
import { setUp } from '../fixtures/set-up.ts';

const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const METRICS = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';

/** A generator of numbers that a failing run can be repeated with. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Flips, cuts, repeats or inserts a few bytes. */
function mutate(bytes: Buffer, random: () => number): Buffer {
  let result: Buffer = Buffer.from(bytes);
  for (let n = 1 + Math.floor(random() * 4); n > 0; n--) {
    const at = Math.floor(random() * Math.max(1, result.length));
    const kind = random();
    if (kind < 0.5 && result.length > 0) result[at] = Math.floor(random() * 256);
    else if (kind < 0.65) result = result.subarray(0, at);
    else if (kind < 0.8)
      result = Buffer.concat([
        result.subarray(0, at),
        result.subarray(Math.floor(random() * at), at),
        result.subarray(at),
      ]);
    else
      result = Buffer.concat([
        result.subarray(0, at),
        Buffer.from(
          Array.from({ length: 1 + Math.floor(random() * 12) }, () =>
            random() < 0.4 ? 0xff : Math.floor(random() * 256),
          ),
        ),
        result.subarray(at),
      ]);
  }
  return Buffer.from(result);
}

function residentMiB({ pid }: RelayerProcess): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function inParallel(count: number, concurrency: number, action: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < count) await action(next++);
    }),
  );
}

/** Writes bytes to a port and waits until the other side has had its say. */
function throwAt(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), 30);
    socket.on('error', () => {});
    socket.resume();
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

test(
  `${SCALE.fuzzedRequests} fuzzed requests: no crash, no leak, every one answered, good ones still delivered`,
  async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = randomFrom(seed);
    console.log(`fuzz seed ${seed}`);
    const { backend, relayer } = await setUp({ LOG_LEVEL: 'error' });
    await relayer.start();
    const traces = new RequestTemplate({ items: 3, textBytes: 30 }).make(1);
    const metrics = new RequestTemplate({ items: 3, signal: 'metrics', textBytes: 30 }).make(1);
    const tenth = Math.floor(SCALE.fuzzedRequests / 10);
    // Sockets that are thrown at take longest; beyond that number they find nothing new.
    const counts = { warmUp: tenth, http: 2 * tenth, raw: Math.min(2 * tenth, 4000) };
    const grpc = SCALE.fuzzedRequests - counts.warmUp - counts.http - counts.raw;
    let answered = 0;
    const clients = new Map<string, H2Client>();
    const fuzzGrpc = (count: number): Promise<void> =>
      inParallel(count, 50, async (i) => {
        const path = i % 2 ? TRACES : METRICS;
        let client = clients.get(path);
        if (!client || client.closed) clients.set(path, (client = await H2Client.connect(relayer.ports.grpc, path)));
        await new Promise<void>((resolve) => client.call(mutate(i % 2 ? traces : metrics, random), () => resolve()));
        answered++;
      });
    await fuzzGrpc(counts.warmUp);
    const before = residentMiB(relayer);
    await fuzzGrpc(grpc);
    await inParallel(counts.http, 16, async (i) => {
      const json = Buffer.from(JSON.stringify(requestJson('traces', [itemJson('traces', i, 20)])));
      const [body, headers] = [
        [mutate(json, random), { 'content-type': 'application/json' }],
        [mutate(traces, random), {}],
        [mutate(gzipSync(traces), random), { 'content-encoding': 'gzip' }],
      ][i % 3] as [Buffer, Record<string, string>];
      const response = await relayer.post(['/v1/traces', '/', '/v1/logs'][i % 3] as string, body, headers);
      await response.arrayBuffer();
      expect([200, 400, 413, 415, 503]).toContain(response.status);
      answered++;
    });
    const headers = encodeHeaders([
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', TRACES],
      ['content-type', 'application/grpc'],
    ]);
    const message = Buffer.concat([Buffer.from([0]), uint32(traces.length), traces]);
    const request = (stream: number): Buffer[] => [
      encodeFrame(FRAME.headers, FLAG.endHeaders, stream, headers),
      encodeFrame(FRAME.data, FLAG.endStream, stream, message),
    ];
    // A whole conversation, so that the mutations meet every kind of frame.
    const http2 = Buffer.concat([
      PREFACE,
      encodeFrame(FRAME.settings, 0, 0),
      ...request(1),
      encodeFrame(FRAME.windowUpdate, 0, 0, uint32(1000)),
      encodeFrame(FRAME.ping, 0, 0, Buffer.alloc(8)),
      ...request(3),
    ]);
    const http1 = Buffer.from(
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
    );
    await inParallel(counts.raw, 32, async (i) => {
      await throwAt(
        [relayer.ports.grpc, relayer.ports.http, relayer.ports.health][i % 3] as number,
        mutate(i % 3 === 0 ? http2 : http1, random),
      );
      answered++;
    });
    for (const client of clients.values()) client.close();
    expect(answered).toBe(SCALE.fuzzedRequests);
    await pause(500);
    const sender = new Sender(relayer.ports.grpc, { items: 3, signal: 'logs' });
    await sender.run(5, 50);
    await until('everything is settled', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
    expect(sender.refused).toBe(0);
    expect(backend.received.items).toBeGreaterThan(150);
    expect(await relayer.metric('relayer_otel_refused_total', 'invalid')).toBeGreaterThan(tenth);
    expect(residentMiB(relayer) - before).toBeLessThan(60);
    expect(relayer.output).not.toContain('unexpected error');
  },
  SCALE.timeoutMs,
);
