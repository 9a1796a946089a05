import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import {
  encodeFrame,
  encodeHeaders,
  encodeSettings,
  ERROR,
  FLAG,
  FRAME,
  PREFACE,
  SETTING,
  uint32,
} from '../../../src/receive/http2/frame.ts';
import { RequestTemplate } from '../../fixtures/otlp.ts';
import { pause } from '../../fixtures/relayer-process.ts';
import { disposeLater } from '../../fixtures/set-up.ts';
import { startReceivers, type Receivers } from '../set-up.ts';

const PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const HEADERS = encodeHeaders([
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', PATH],
  ['te', 'trailers'],
  ['content-type', 'application/grpc'],
]);

function grpcMessage(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0]), uint32(body.length), body]);
}

function requestFrames(stream: number, body: Buffer): Buffer {
  return Buffer.concat([
    encodeFrame(FRAME.headers, FLAG.endHeaders, stream, HEADERS),
    encodeFrame(FRAME.data, FLAG.endStream, stream, grpcMessage(body)),
  ]);
}

interface Seen {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A socket that has sent preface and settings, and the frames that came back. */
async function rawClient(
  { grpcPort }: Receivers,
  settings: readonly (readonly [number, number])[] = [],
): Promise<{ socket: Socket; frames: Seen[]; closed: Promise<void> }> {
  const socket = connect(grpcPort, '127.0.0.1');
  const frames: Seen[] = [];
  let input: Buffer = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (bytes: Buffer) => {
    input = Buffer.concat([input, bytes]);
    while (input.length >= 9 && input.length >= 9 + input.readUIntBE(0, 3)) {
      const length = input.readUIntBE(0, 3);
      frames.push({
        type: input[3] as number,
        flags: input[4] as number,
        stream: input.readUInt32BE(5),
        payload: Buffer.from(input.subarray(9, 9 + length)),
      });
      input = input.subarray(9 + length);
    }
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  disposeLater(() => void socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(Buffer.concat([PREFACE, encodeFrame(FRAME.settings, 0, 0, encodeSettings(settings))]));
  return { socket, frames, closed };
}

const goaways = (frames: readonly Seen[]): number[] =>
  frames.filter(({ type }) => type === FRAME.goaway).map(({ payload }) => payload.readUInt32BE(4));

function nodeClient({ grpcPort }: Receivers, settings: object = {}): ClientHttp2Session {
  const session = connectHttp2(`http://127.0.0.1:${grpcPort}`, { settings });
  session.on('error', () => {});
  disposeLater(() => session.destroy());
  return session;
}

function call(session: ClientHttp2Session, body: Buffer): Promise<unknown> {
  return new Promise((resolve) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': PATH,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let status: unknown;
    stream.on('trailers', (headers) => (status = headers['grpc-status']));
    stream.on('error', (error) => (status = error.message));
    stream.on('close', () => resolve(status));
    stream.resume();
    stream.end(grpcMessage(body));
  });
}

const template = new RequestTemplate({ items: 2, textBytes: 10 });

test('a request cut into pieces at every byte is understood', async () => {
  const receivers = await startReceivers();
  const { socket, frames } = await rawClient(receivers);
  for (const byte of requestFrames(1, template.make(1))) {
    socket.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => frames.filter(({ type, stream }) => stream === 1 && type === FRAME.headers).length).toBe(2);
  expect(receivers.records).toHaveLength(1);
});

test('padding and priority are taken off, CONTINUATION is put together, unknown frames are ignored', async () => {
  const receivers = await startReceivers();
  const { socket, frames } = await rawClient(receivers);
  const message = grpcMessage(template.make(1));
  socket.write(
    Buffer.concat([
      encodeFrame(0xbe, 0, 0, Buffer.from('extension')),
      encodeFrame(
        FRAME.headers,
        FLAG.padded | FLAG.priority,
        1,
        Buffer.concat([Buffer.from([3]), uint32(0), Buffer.from([16]), HEADERS.subarray(0, 20), Buffer.alloc(3)]),
      ),
      encodeFrame(FRAME.continuation, 0, 1, HEADERS.subarray(20, 30)),
      encodeFrame(FRAME.continuation, FLAG.endHeaders, 1, HEADERS.subarray(30)),
      encodeFrame(
        FRAME.data,
        FLAG.padded,
        1,
        Buffer.concat([Buffer.from([5]), message.subarray(0, 40), Buffer.alloc(5)]),
      ),
      encodeFrame(
        FRAME.data,
        FLAG.padded | FLAG.endStream,
        1,
        Buffer.concat([Buffer.from([255]), message.subarray(40), Buffer.alloc(255)]),
      ),
    ]),
  );
  await expect.poll(() => receivers.records.length).toBe(1);
  expect(receivers.records[0]?.payload).toEqual(template.make(1));
  expect(goaways(frames)).toEqual([]);
});

test('20,000 requests over one connection: the windows never run dry', async () => {
  const receivers = await startReceivers();
  const session = nodeClient(receivers);
  const body = template.make(1);
  for (let i = 0; i < 40; i++)
    expect(await Promise.all(Array.from({ length: 500 }, () => call(session, body)))).toEqual(Array(500).fill('0'));
  expect(receivers.records).toHaveLength(20_000);
});

test('requests of 30 MiB, several at once, get their windows', async () => {
  const receivers = await startReceivers();
  const session = nodeClient(receivers);
  const body = new RequestTemplate({ items: 10, textBytes: 3 << 20 }).make(1);
  expect(await Promise.all([call(session, body), call(session, body)])).toEqual(['0', '0']);
  expect(receivers.records.every(({ payload }) => payload.equals(body))).toBe(true);
});

test('an answer waits for the window of a client that has none', async () => {
  const receivers = await startReceivers();
  const { socket, frames } = await rawClient(receivers, [[SETTING.initialWindowSize, 0]]);
  socket.write(requestFrames(1, template.make(1)));
  await expect.poll(() => receivers.records.length).toBe(1);
  await pause(50);
  expect(frames.filter(({ stream }) => stream === 1)).toEqual([]);
  socket.write(encodeFrame(FRAME.windowUpdate, 0, 1, uint32(5)));
  await expect
    .poll(() => frames.filter(({ stream }) => stream === 1).map(({ type }) => type))
    .toEqual([FRAME.headers, FRAME.data, FRAME.headers]);
});

test('more than 1000 streams at once are refused one by one, and the others answered', async () => {
  const receivers = await startReceivers();
  const { socket, frames } = await rawClient(receivers);
  socket.write(
    Buffer.concat(
      Array.from({ length: 1100 }, (_, i) => encodeFrame(FRAME.headers, FLAG.endHeaders, 2 * i + 1, HEADERS)),
    ),
  );
  await expect
    .poll(
      () =>
        frames.filter(({ type, payload }) => type === FRAME.reset && payload.readUInt32BE(0) === ERROR.refusedStream)
          .length,
    )
    .toBe(100);
  socket.write(encodeFrame(FRAME.data, FLAG.endStream, 1, grpcMessage(template.make(1))));
  await expect.poll(() => receivers.records.length).toBe(1);
});

test.each([
  [
    'opening and resetting streams',
    (i: number) =>
      Buffer.concat([
        encodeFrame(FRAME.headers, FLAG.endHeaders, 2 * i + 1, HEADERS),
        encodeFrame(FRAME.reset, 0, 2 * i + 1, uint32(8)),
      ]),
  ],
  ['pings', () => encodeFrame(FRAME.ping, 0, 0, Buffer.alloc(8))],
  ['settings', () => encodeFrame(FRAME.settings, 0, 0)],
])('a flood of %s is stopped with ENHANCE_YOUR_CALM', async (_what, frame) => {
  const { socket, frames, closed } = await rawClient(await startReceivers());
  socket.write(Buffer.concat(Array.from({ length: 15_000 }, (_, i) => frame(i))));
  await closed;
  expect(goaways(frames)).toEqual([ERROR.enhanceYourCalm]);
});

test.each([
  ['a frame over the announced size', Buffer.from([0x20, 0, 0, 0, 0, 0, 0, 0, 1]), ERROR.frameSize],
  ['DATA on stream 0', encodeFrame(FRAME.data, 0, 0, Buffer.from('x')), ERROR.protocol],
  ['HEADERS on an even stream', encodeFrame(FRAME.headers, FLAG.endHeaders, 2, HEADERS), ERROR.protocol],
  [
    'a header block that doesn’t decode',
    encodeFrame(FRAME.headers, FLAG.endHeaders, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff])),
    ERROR.compression,
  ],
  [
    'HEADERS that another frame interrupts',
    Buffer.concat([encodeFrame(FRAME.headers, 0, 1, HEADERS), encodeFrame(FRAME.ping, 0, 0, Buffer.alloc(8))]),
    ERROR.protocol,
  ],
  [
    'an endless header block',
    Buffer.concat([
      encodeFrame(FRAME.headers, 0, 1, HEADERS),
      ...Array.from({ length: 80 }, () => encodeFrame(FRAME.continuation, 0, 1, Buffer.alloc(1))),
    ]),
    ERROR.enhanceYourCalm,
  ],
  ['a push', encodeFrame(FRAME.pushPromise, 0, 1, uint32(2)), ERROR.protocol],
  ['a window of more than 2^31', encodeFrame(FRAME.windowUpdate, 0, 0, uint32(0x7fffffff)), ERROR.flowControl],
  ['a malformed PING', encodeFrame(FRAME.ping, 0, 0, Buffer.alloc(7)), ERROR.frameSize],
])('%s ends the connection with its code', async (_what, bytes, code) => {
  const { socket, frames, closed } = await rawClient(await startReceivers());
  socket.write(bytes);
  await closed;
  expect(goaways(frames)).toEqual([code]);
});

test('what still comes on a stream that was refused early is dropped without an error', async () => {
  const receivers = await startReceivers(2000);
  const { socket, frames } = await rawClient(receivers);
  const tooLarge = Buffer.concat([Buffer.from([0]), uint32(1 << 20)]);
  socket.write(
    Buffer.concat([encodeFrame(FRAME.headers, FLAG.endHeaders, 1, HEADERS), encodeFrame(FRAME.data, 0, 1, tooLarge)]),
  );
  await expect.poll(() => frames.some(({ type, stream }) => type === FRAME.reset && stream === 1)).toBe(true);
  socket.write(
    Buffer.concat([
      encodeFrame(FRAME.data, 0, 1, Buffer.alloc(1000)),
      encodeFrame(FRAME.data, FLAG.endStream, 1, Buffer.alloc(1000)),
      requestFrames(3, template.make(1)),
    ]),
  );
  await expect.poll(() => receivers.records.length).toBe(1);
  expect(goaways(frames)).toEqual([]);
});

test('half-sent requests may not fill the memory: further ones are told to retry, and it comes back', async () => {
  const receivers = await startReceivers(1 << 20);
  const { socket, frames } = await rawClient(receivers);
  const statusOf = (stream: number): boolean =>
    frames.some((frame) => frame.type === FRAME.headers && frame.stream === stream);
  const half = (stream: number): Buffer =>
    Buffer.concat([
      encodeFrame(FRAME.headers, FLAG.endHeaders, stream, HEADERS),
      encodeFrame(FRAME.data, 0, stream, Buffer.concat([Buffer.from([0]), uint32(1 << 20), Buffer.alloc(900_000)])),
    ]);
  for (const stream of [1, 3, 5]) socket.write(half(stream));
  await expect.poll(() => statusOf(5)).toBe(true);
  expect(
    frames
      .find(({ type, stream }) => type === FRAME.headers && stream === 5)
      ?.payload.includes('too many requests at once'),
  ).toBe(true);
  expect([statusOf(1), statusOf(3)]).toEqual([false, false]);
  socket.write(Buffer.concat([encodeFrame(FRAME.reset, 0, 1, uint32(ERROR.cancel)), half(7)]));
  await pause(100);
  expect(statusOf(7)).toBe(false);
});

test('an answer that its client never takes is given up, so that an old connection ends', async () => {
  const receivers = await startReceivers(1 << 20, { maxConnectionAgeMs: 300, requestTimeoutMs: 600 });
  const { socket, frames, closed } = await rawClient(receivers, [[SETTING.initialWindowSize, 0]]);
  socket.write(requestFrames(1, template.make(1)));
  await expect.poll(() => receivers.records.length).toBe(1);
  // Pings keep the socket busy all the while.
  const pinging = setInterval(() => socket.write(encodeFrame(FRAME.ping, 0, 0, Buffer.alloc(8))), 20);
  disposeLater(() => clearInterval(pinging));
  const begin = performance.now();
  await closed;
  expect(performance.now() - begin).toBeLessThan(10_000);
  expect(goaways(frames)).toEqual([0, 0]);
});

test('streams that we have to reset are work that counts, as those that the client resets', async () => {
  const { socket, frames, closed } = await rawClient(await startReceivers());
  for (let id = 1; id < 24_000; id += 2)
    socket.write(
      Buffer.concat([
        encodeFrame(FRAME.headers, FLAG.endHeaders, id, HEADERS),
        // A window update of nothing obliges us to reset the stream.
        encodeFrame(FRAME.windowUpdate, 0, id, uint32(0)),
      ]),
    );
  await closed;
  expect(goaways(frames)).toEqual([ERROR.enhanceYourCalm]);
});

test('nothing is sent before the preface, and a connection without one can be shut down', async () => {
  const receivers = await startReceivers(1 << 20, { maxConnectionAgeMs: 200 });
  const socket = connect(receivers.grpcPort, '127.0.0.1');
  let received = 0;
  socket.on('data', (bytes: Buffer) => (received += bytes.length));
  await new Promise((resolve) => socket.once('close', resolve));
  expect(received).toBe(0);
});
