import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { Closed } from '../../src/deliver/connection.ts';
import { FrameWindow, type FrameWindowOptions } from '../../src/deliver/frame-window.ts';
import { RefusalSearch } from '../../src/deliver/refusal-search.ts';
import { Logger } from '../../src/observe/logger.ts';
import { Metrics } from '../../src/observe/metrics.ts';
import { MIN_MAX_PAYLOAD, type FrameHeader } from '../../src/protocol/frames.ts';
import { realDisk } from '../../src/queue/disk.ts';
import { DiskQueue } from '../../src/queue/disk-queue.ts';
import { faultyDisk } from '../fixtures/full-disk.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { pause } from '../fixtures/relayer-process.ts';

const cleanUps: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

interface Sent {
  readonly header: FrameHeader;
  readonly bytes: number;
  readonly answer: (value: unknown) => void;
}

async function begin(
  payloads: readonly Buffer[],
  { answerTimeoutMs = 30_000, disk = realDisk, maxPayload = MIN_MAX_PAYLOAD } = {},
) {
  const directory = mkdtempSync(join(tmpdir(), 'relayer-window-'));
  const queue = new DiskQueue({
    directory,
    maxBytes: 64 << 20,
    disk,
    fsync: false,
    onDamage: () => {},
    onWritable: () => {},
  });
  await queue.start();
  for (const payload of payloads)
    await new Promise((resolve) => queue.offer({ signal: 'traces', items: 1, payload }, resolve));
  const sent: Sent[] = [];
  const closed: Closed[] = [];
  const metrics = new Metrics();
  const options: FrameWindowOptions = {
    queue,
    connection: {
      maxPayload,
      send: (header, payload, answer) => void sent.push({ header, bytes: payload.length, answer }),
      close: (reason) => void closed.push(reason),
    },
    metrics,
    log: new Logger({ level: 'error', pod: '', write: () => {} }),
    answerTimeoutMs,
    search: new RefusalSearch(),
    onProgress: () => {},
  };
  let window = new FrameWindow(options);
  window.start(0);
  cleanUps.push(async () => {
    window.end();
    await queue.stop();
    rmSync(directory, { recursive: true });
  });
  const reconnect = (acknowledged: number, maxPayload = MIN_MAX_PAYLOAD): void => {
    window.end();
    window = new FrameWindow({ ...options, connection: { ...options.connection, maxPayload } });
    window.start(acknowledged);
  };
  return { queue, sent, closed, metrics, reconnect };
}

const medium = new RequestTemplate({ items: 1, textBytes: 600_000 });
const impossible = new RequestTemplate({ items: 1, textBytes: MIN_MAX_PAYLOAD });

test('a span that was given up for its size stays given up when the backend asks for a retry', async () => {
  const { sent, metrics } = await begin([impossible.make(1)]);
  expect(sent[0]).toMatchObject({ bytes: 0, header: { sequence: 1, sections: [] } });
  sent[0]?.answer({ status: 'retry', afterMs: 10 });
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[1]).toMatchObject({ bytes: 0, header: { sequence: 1, sections: [] } });
  expect(metrics.print()).toContain('reason="too_large"} 1');
});

test('NonsenseAnswers: a refused empty frame ends the connection', async () => {
  const refused = await begin([impossible.make(1)]);
  refused.sent[0]?.answer({ status: 'refused', code: 'no' });
  await vi.waitFor(() => expect(refused.closed[0]?.reason).toBe('protocol'));
});

test.each([
  ['an acknowledgement of one that was never sent', { status: 'acknowledged', sequence: 999_999 }],
  ['an acknowledgement of a later one', { status: 'acknowledged', sequence: 3 }],
  ['an acknowledgement of an earlier one', { status: 'acknowledged', sequence: 1 }],
  ['a gap behind itself', { status: 'gap', acknowledged: 2 }],
  ['a gap behind a later one', { status: 'gap', acknowledged: 7 }],
  ['a gap where there is none', { status: 'gap', acknowledged: 1 }],
  ['no status', { sequence: 2 }],
])('NonsenseAnswers: %s ends the connection, and releases and counts nothing', async (_what, answer) => {
  // Of this size none shares a frame with another.
  const { queue, sent, closed, metrics } = await begin([1, 2, 3].map((id) => medium.make(id)));
  const [, second] = sent;
  expect(second?.header.sequence).toBe(2);
  const cut = queue.outstanding().length;
  second?.answer(answer);
  expect(closed).toMatchObject([{ reason: 'protocol', detail: expect.stringMatching(/frame 2/) }]);
  expect(queue.acknowledged).toBe(0);
  expect(queue.outstanding()).toHaveLength(cut);
  expect(metrics.print()).not.toMatch(/^relayer_otel_forwarded_total\{.+ [1-9]/m);
  // Nothing is sent into a connection that ends, also when the other answers come.
  const before = sent.length;
  sent[0]?.answer({ status: 'acknowledged', sequence: 1 });
  expect([queue.acknowledged, sent.length]).toEqual([0, before]);
});

test('NonsenseAnswers: a frame that is not stored after a higher one was acknowledged', async () => {
  const { sent, closed } = await begin([1, 2, 3].map((id) => medium.make(id)));
  sent[1]?.answer({ status: 'acknowledged', sequence: 2 });
  expect(closed).toEqual([]);
  sent[0]?.answer({ status: 'retry', afterMs: 10 });
  expect(closed).toMatchObject([{ reason: 'protocol', detail: expect.stringContaining('frame 1') }]);
});

test.each([
  ['retry', { status: 'retry', afterMs: 10 }],
  ['refused', { status: 'refused', code: 'no' }],
  ['gap', { status: 'gap', acknowledged: 0 }],
])(
  'NonsenseAnswers: an acknowledgement behind a frame that was answered %s releases neither',
  async (_what, answer) => {
    const { queue, sent, closed, metrics } = await begin([1, 2, 3].map((id) => medium.make(id)));
    const cut = queue.outstanding().length;
    // A gap can't be behind the very first one.
    const [first, second] = answer.status === 'gap' ? [sent[1], sent[2]] : [sent[0], sent[1]];
    first?.answer(answer);
    second?.answer({ status: 'acknowledged', sequence: second.header.sequence });
    expect(closed).toMatchObject([{ reason: 'protocol', detail: expect.stringContaining('is not stored') }]);
    expect([queue.acknowledged, queue.outstanding().length]).toEqual([0, cut]);
    expect(metrics.print()).not.toMatch(/^relayer_(otel_forwarded|dead_lettered)_total\{.+ [1-9]/m);
  },
);

test('answers that come in another order than the frames went are no contradiction', async () => {
  const { queue, sent, closed } = await begin([1, 2, 3].map((id) => medium.make(id)));
  sent[2]?.answer({ status: 'gap', acknowledged: 1 });
  sent[1]?.answer({ status: 'retry', afterMs: 10 });
  sent[0]?.answer({ status: 'acknowledged', sequence: 1 });
  await vi.waitFor(() => expect(sent.slice(3).map(({ header }) => header.sequence)).toEqual([2, 3]), 5000);
  for (const { header, answer } of sent.slice(3)) answer({ status: 'acknowledged', sequence: header.sequence });
  expect([queue.acknowledged, closed]).toEqual([3, []]);
});

test('SlowLink: frames that wait for others to get through are not late; an end of all answers is noticed', async () => {
  const { sent, closed } = await begin(
    [1, 2, 3].map((id) => medium.make(id)),
    { answerTimeoutMs: 600 },
  );
  for (const { header, answer } of sent.slice(0, 2)) {
    await pause(400);
    answer({ status: 'acknowledged', sequence: header.sequence });
  }
  await pause(400);
  expect(closed).toEqual([]);
  await vi.waitFor(() => expect(closed).toMatchObject([{ reason: 'timeout' }]), 3000);
});

test('UnreadableSector: frames whose acknowledgement was lost are counted once, however many connections that takes', async () => {
  const { disk, faults } = faultyDisk();
  const { queue, metrics, reconnect } = await begin(
    [1, 2].map((id) => medium.make(id)),
    { disk },
  );
  // In the second one.
  faults.badBytes = [1_000_000, 1_000_001];
  expect(() => reconnect(2)).toThrow(/EIO/);
  faults.badBytes = undefined;
  await pause(150);
  reconnect(2);
  expect(queue.acknowledged).toBe(2);
  expect(metrics.print()).toContain('relayer_otel_forwarded_total{signal="traces"} 2\n');
});

test('SmallerMaxPayload: what was cut for a backend that took more is cut anew, and a span too large given up', async () => {
  const payloads = [impossible.make(1), medium.make(2)];
  const { sent, metrics, reconnect } = await begin(payloads, { maxPayload: 4 * MIN_MAX_PAYLOAD });
  expect(sent.map(({ bytes }) => bytes)).toEqual([impossible.size]);
  reconnect(0);
  expect(sent.slice(1).map(({ bytes, header }) => [bytes, header.sequence])).toEqual([
    [0, 1],
    [medium.size, 2],
  ]);
  expect(metrics.print()).toContain('reason="too_large"} 1');
});
