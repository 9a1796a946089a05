import { connect } from 'node:net';
import { connect as connectHttp2 } from 'node:http2';
import { gzipSync, deflateSync } from 'node:zlib';
import type { Metadata } from '@grpc/grpc-js';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { fieldHead } from '../../src/protocol/wire.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { startReceivers, type Receivers } from './set-up.ts';
import { disposeLater } from '../fixtures/set-up.ts';

const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const template = new RequestTemplate({ items: 3 });

interface Answer {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata | undefined;
  readonly body: Buffer | undefined;
}

/** A unary call of a raw grpc-js client. */
function call({ grpcPort }: Receivers, message: Buffer, path: string = TRACES, options: object = {}): Promise<Answer> {
  const client = new Client(`127.0.0.1:${grpcPort}`, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    ...options,
  });
  disposeLater(() => client.close());
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      message,
      (error: ServiceError | null, body?: Buffer) =>
        resolve(
          error
            ? { code: error.code, details: error.details, metadata: error.metadata, body: undefined }
            : { code: 0, details: '', metadata: undefined, body },
        ),
    );
  });
}

function post(
  { httpPort }: Receivers,
  path: string,
  body: Buffer | string | undefined,
  headers: Record<string, string> = {},
  method = 'POST',
): Promise<Response> {
  return fetch(`http://127.0.0.1:${httpPort}${path}`, {
    method,
    ...(body === undefined ? {} : { body: body as string }),
    headers: { 'content-type': 'application/x-protobuf', ...headers },
  });
}

test('a raw grpc-js client: success has an empty message, so partial_success is unset', async () => {
  const receivers = await startReceivers();
  expect(await call(receivers, template.make(1))).toMatchObject({ code: 0, body: Buffer.alloc(0) });
  expect(await call(receivers, Buffer.alloc(0))).toMatchObject({ code: 0 });
  expect(await call(receivers, template.make(1), TRACES, { 'grpc.default_compression_algorithm': 2 })).toMatchObject({
    code: 0,
  });
  expect(receivers.records.map(({ items }) => items)).toEqual([3, 3]);
});

test('malformed protobuf is INVALID_ARGUMENT and 400, counted, and not retryable', async () => {
  const receivers = await startReceivers();
  const answer = await call(receivers, Buffer.from('not protobuf'));
  expect(answer).toMatchObject({ code: 3, details: expect.stringContaining('not a serialized OTLP traces') });
  expect(answer.metadata?.get('google.rpc.retryinfo-bin')).toEqual([]);
  const response = await post(receivers, '/v1/logs', Buffer.from('not protobuf'));
  expect([response.status, response.headers.get('retry-after'), response.headers.get('content-type')]).toEqual([
    400,
    null,
    'application/x-protobuf',
  ]);
  expect(receivers.metrics.print()).toContain('relayer_otel_refused_total{reason="invalid"} 2');
  expect(receivers.records).toEqual([]);
});

test('a full queue is UNAVAILABLE with RetryInfo in both places, and 503 with Retry-After', async () => {
  const receivers = await startReceivers();
  receivers.answer = 'full';
  const { code, metadata } = await call(receivers, template.make(1));
  expect(code).toBe(14);
  const retryInfo = metadata?.get('google.rpc.retryinfo-bin')[0] as Buffer;
  // RetryInfo { retry_delay: { seconds: 1 (or 2), nanos } }
  expect([...retryInfo.subarray(0, 1), ...retryInfo.subarray(2, 3)]).toEqual([0x0a, 0x08]);
  expect(retryInfo[3]).toBeGreaterThanOrEqual(1);
  const details = metadata?.get('grpc-status-details-bin')[0] as Buffer;
  expect(details.includes(retryInfo) && details.includes('google.rpc.RetryInfo')).toBe(true);
  const response = await post(receivers, '/v1/traces', template.make(1));
  expect(response.status).toBe(503);
  expect(['1', '2']).toContain(response.headers.get('retry-after'));
  const json = await post(
    receivers,
    '/v1/traces',
    JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] }),
    { 'content-type': 'application/json' },
  );
  expect(await json.json()).toEqual({ code: 14, message: 'the queue is full' });
});

test('requests over the limit are refused, announced or not, compressed or not', async () => {
  const receivers = await startReceivers(10_000);
  const big = new RequestTemplate({ items: 100 }).make(1);
  expect((await call(receivers, big)).code).toBe(8);
  expect((await post(receivers, '/v1/traces', big)).status).toBe(413);
  const bomb = gzipSync(Buffer.alloc(50 << 20));
  expect(bomb.length).toBeGreaterThan(10_000);
  expect(
    (await post(receivers, '/v1/traces', gzipSync(Buffer.alloc(5 << 20)), { 'content-encoding': 'gzip' })).status,
  ).toBe(413);
  expect((await call(receivers, Buffer.alloc(9 << 20), TRACES, { 'grpc.default_compression_algorithm': 2 })).code).toBe(
    8,
  );
  expect((await post(receivers, '/v1/traces', deflateSync(big), { 'content-encoding': 'deflate' })).status).toBe(413);
  // Nothing of it stays reserved: the next request fits.
  expect((await call(receivers, template.make(1))).code).toBe(0);
  expect((await post(receivers, '/v1/traces', template.make(1))).status).toBe(200);
});

test('a gzip bomb that is itself small is stopped at the limit', async () => {
  const receivers = await startReceivers(64 << 20);
  const before = process.memoryUsage.rss();
  const bomb = gzipSync(Buffer.alloc(200 << 20), { level: 1 });
  expect((await post(receivers, '/v1/traces', bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
  expect((process.memoryUsage.rss() - before) / (1 << 20)).toBeLessThan(400);
});

test('damaged compression, unknown encodings, types, paths and methods are told apart', async () => {
  const receivers = await startReceivers();
  expect((await post(receivers, '/v1/traces', Buffer.from('no gzip'), { 'content-encoding': 'gzip' })).status).toBe(
    400,
  );
  expect((await post(receivers, '/v1/traces', template.make(1), { 'content-encoding': 'br' })).status).toBe(415);
  expect((await post(receivers, '/v1/traces', 'x', { 'content-type': 'text/plain' })).status).toBe(415);
  expect((await post(receivers, '/v1/nothing', 'x')).status).toBe(404);
  expect((await post(receivers, '/__proto__', 'x')).status).toBe(404);
  const get = await post(receivers, '/v1/traces', undefined, {}, 'GET');
  expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
  expect((await call(receivers, template.make(1), '/some.Service/Method')).code).toBe(12);
  expect((await post(receivers, '/v1/traces', template.make(1), { 'content-encoding': 'identity' })).status).toBe(200);
});

test('JSON that is not OTLP is 400 and says where', async () => {
  const receivers = await startReceivers();
  const json = async (body: string): Promise<[number, unknown]> => {
    const response = await post(receivers, '/v1/traces', body, { 'content-type': 'application/json; charset=utf-8' });
    return [response.status, ((await response.json()) as { message?: string }).message];
  };
  expect(await json('{')).toEqual([400, 'the body is not JSON (at byte 1)']);
  expect(await json('[]')).toEqual([400, 'the body is not a JSON object']);
  expect(await json('{"resourceSpans": 5}')).toEqual([400, '`resourceSpans` must be an array']);
  expect(await json('{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]}')).toEqual([
    400,
    '`resourceSpans[0].scopeSpans[0].spans[0].traceId` must be hexadecimal, 32 digits',
  ]);
  expect(await json('{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":1.5}]}]}]}')).toEqual([
    400,
    '`resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano` must be an integer',
  ]);
  expect(
    (
      await json(
        `{"resourceSpans":[{"resource":{"attributes":[{"value":${'{"arrayValue":{"values":['.repeat(200)}{}${']}}'.repeat(200)}}]}}]}`,
      )
    )[0],
  ).toBe(400);
  expect((await json('['.repeat(100_000)))[0]).toBe(400);
  expect(await json('{"resourceSpans":[],"unknown":{"x":1}}')).toEqual([200, undefined]);
});

test('a wrong gRPC content type is HTTP 415, another method 405, a broken prefix INVALID_ARGUMENT', async () => {
  const { grpcPort } = await startReceivers();
  const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
  disposeLater(() => session.destroy());
  const send = (headers: object, body: Buffer): Promise<Record<string, unknown>> =>
    new Promise((resolve, reject) => {
      const stream = session.request(
        { ':method': 'POST', ':path': TRACES, 'content-type': 'application/grpc', ...headers },
        { endStream: false },
      );
      let seen: Record<string, unknown> = {};
      stream.on('response', (got) => (seen = { ...seen, ...got }));
      stream.on('trailers', (got) => (seen = { ...seen, ...got }));
      stream.on('error', reject);
      stream.on('close', () => resolve(seen));
      stream.resume();
      stream.end(body);
    });
  expect(await send({ 'content-type': 'text/html' }, Buffer.alloc(0))).toMatchObject({ ':status': 415 });
  expect(await send({ ':method': 'GET' }, Buffer.alloc(0))).toMatchObject({ ':status': 405 });
  expect(await send({}, Buffer.from([9, 0, 0, 0, 0]))).toMatchObject({ 'grpc-status': '3' });
  expect(await send({}, Buffer.from([0, 0, 0, 0, 9, 1]))).toMatchObject({ 'grpc-status': '3' });
  expect(await send({}, Buffer.from([0, 0, 0, 0, 0, 1, 2]))).toMatchObject({ 'grpc-status': '3' });
  expect(await send({}, Buffer.from([1, 0, 0, 0, 1, 1]))).toMatchObject({ 'grpc-status': '13' });
  expect(await send({ 'grpc-encoding': 'identity' }, Buffer.from([1, 0, 0, 0, 1, 1]))).toMatchObject({
    'grpc-status': '13',
  });
  expect(await send({ 'grpc-encoding': 'snappy' }, Buffer.from([1, 0, 0, 0, 1, 1]))).toMatchObject({
    'grpc-status': '12',
  });
  expect(await send({ 'grpc-encoding': 'gzip' }, Buffer.from([1, 0, 0, 0, 1, 1]))).toMatchObject({
    'grpc-status': '3',
  });
});

test('a request that could only be split by repeating megabytes is refused, at intake', async () => {
  const receivers = await startReceivers();
  const request = (resourceBytes: number, spans: number): string =>
    JSON.stringify({
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'x'.repeat(resourceBytes) }] },
          scopeSpans: [{ spans: Array.from({ length: spans }, () => ({ name: 'n'.repeat(1000) })) }],
        },
      ],
    });
  const json = { 'content-type': 'application/json' };
  const refused = await post(receivers, '/v1/traces', request(12 << 20, 100), json);
  expect([refused.status, ((await refused.json()) as { message: string }).message]).toEqual([
    413,
    expect.stringContaining('a resource and its scope have 125'),
  ]);
  // One span is never split; a small request is not either; a resource of some KiB may be repeated.
  for (const body of [request(12 << 20, 1), request(3 << 20, 10), request(300_000, 5000)])
    expect((await post(receivers, '/v1/traces', body, json)).status).toBe(200);
  expect(receivers.records.map(({ items }) => items)).toEqual([1, 10, 5000]);
  // Empty metrics are no items, but each is a unit that could be cut off.
  const metrics = Buffer.alloc(5_000_000, Buffer.from([0x12, 0]));
  const point = Buffer.from([0x12, 4, 0x2a, 2, 0x0a, 0]);
  const scope = Buffer.concat([fieldHead(2, metrics.length + point.length), metrics, point]);
  const many = await post(receivers, '/v1/metrics', Buffer.concat([fieldHead(1, scope.length), scope]));
  expect(many.status).toBe(413);
});

test('every early refusal is counted: 404, 405, CONNECT, 415, 417, 431, no host, what is no HTTP, and HTTP/1 at the gRPC port', async () => {
  const receivers = await startReceivers();
  const raw = (port: number, text: string): Promise<string> =>
    new Promise((resolve) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      socket.on('data', (bytes: Buffer) => (answer += String(bytes)));
      socket.on('error', () => {});
      socket.on('close', () => resolve(answer));
    });
  await post(receivers, '/v1/nothing', 'x');
  await post(receivers, '/v1/traces', undefined, {}, 'GET');
  await post(receivers, '/v1/traces', 'x', { 'content-type': 'text/plain' });
  const { httpPort, grpcPort } = receivers;
  const head = 'POST /v1/traces HTTP/1.1\r\nhost: x\r\n';
  expect(await raw(httpPort, `${head}x: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
  expect(await raw(httpPort, `${head}expect: cake\r\nconnection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 417 /);
  expect(await raw(httpPort, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
  expect(await raw(httpPort, 'POST /v1/traces HTTP/1.1\r\n\r\n')).toMatch(
    /^HTTP\/1.1 400 [^]*a host header is missing/,
  );
  expect(await raw(httpPort, 'CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n')).toMatch(/^HTTP\/1.1 405 /);
  expect(await raw(grpcPort, head)).toMatch(/^HTTP\/1.1 400 [^]*OTLP over gRPC/);
  // A TLS handshake is not answered with a text.
  expect(await raw(grpcPort, '\x16\x03\x01\x02\x00')).toBe('');
  const printed = receivers.metrics.print();
  for (const line of [
    'relayer_otel_refused_total{reason="unsupported"} 7',
    'relayer_otel_refused_total{reason="too_large"} 1',
    'relayer_otel_refused_total{reason="invalid"} 2',
    'relayer_otel_requests_total{signal="unknown",transport="grpc",outcome="unsupported"} 2',
    'relayer_otel_requests_total{signal="unknown",transport="http",outcome="too_large"} 1',
  ])
    expect(printed).toContain(line);
});

test('what is no HTTP/2 is refused once, however many pieces of it come', async () => {
  const { grpcPort, metrics } = await startReceivers();
  const socket = connect({ port: grpcPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  socket.on('error', () => {});
  socket.resume();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write('POST /v1/traces HTTP/1.1\r\n');
  // It is told to go, and goes on sending.
  const timer = setInterval(() => socket.write('host: x\r\n'), 20);
  await closed;
  clearInterval(timer);
  expect(metrics.print()).toContain('relayer_otel_refused_total{reason="unsupported"} 1\n');
});

test('an HTTP connection on which nothing moves is closed, also in the middle of a request', async () => {
  const { httpPort } = await startReceivers(1 << 20, { idleTimeoutMs: 300 });
  const socket = connect(httpPort, '127.0.0.1');
  socket.write('POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{');
  socket.on('error', () => {});
  socket.resume();
  const begin = performance.now();
  await new Promise((resolve) => socket.once('close', resolve));
  expect(performance.now() - begin).toBeLessThan(10_000);
});
