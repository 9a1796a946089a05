import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { Closed } from '../../src/deliver/connection.ts';
import { FrameWindow } from '../../src/deliver/frame-window.ts';
import { Logger } from '../../src/observe/logger.ts';
import { Metrics } from '../../src/observe/metrics.ts';
import type { FrameHeader } from '../../src/protocol/frames.ts';
import { DiskQueue } from '../../src/queue/disk-queue.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';

const cleanUps: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

interface Sent {
  readonly header: FrameHeader;
  readonly bytes: number;
  readonly answer: (value: unknown) => void;
}

async function begin(payloads: readonly Buffer[]) {
  const directory = mkdtempSync(join(tmpdir(), 'relayer-window-'));
  const queue = new DiskQueue({
    directory,
    maxBytes: 64 << 20,
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
  const window = new FrameWindow({
    queue,
    connection: {
      maxPayload: 1_000_000,
      send: (header, payload, answer) => void sent.push({ header, bytes: payload.length, answer }),
      close: (reason) => void closed.push(reason),
    },
    metrics,
    log: new Logger({ level: 'error', pod: '', write: () => {} }),
    answerTimeoutMs: 30_000,
    onProgress: () => {},
  });
  window.start(0);
  cleanUps.push(async () => {
    window.end();
    await queue.stop();
    rmSync(directory, { recursive: true });
  });
  return { queue, sent, closed, metrics };
}

const small = new RequestTemplate({ items: 1, textBytes: 20 });
const impossible = new RequestTemplate({ items: 1, textBytes: 1_100_000 });

test('a span that was given up for its size stays given up when the backend asks for a retry', async () => {
  const { sent, metrics } = await begin([impossible.make(1)]);
  expect(sent[0]).toMatchObject({ bytes: 0, header: { sequence: 1, sections: [] } });
  sent[0]?.answer({ status: 'retry', afterMs: 10 });
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[1]).toMatchObject({ bytes: 0, header: { sequence: 1, sections: [] } });
  expect(metrics.print()).toContain('reason="too_large"} 1');
});

test('NonsenseAnswers: a refused empty frame and an acknowledgement of a lower one end the connection', async () => {
  const refused = await begin([impossible.make(1)]);
  refused.sent[0]?.answer({ status: 'refused', code: 'no' });
  await vi.waitFor(() => expect(refused.closed[0]?.reason).toBe('protocol'));
  const lower = await begin([small.make(1)]);
  lower.sent[0]?.answer({ status: 'acknowledged', sequence: 0 });
  expect(lower.closed[0]?.reason).toBe('protocol');
  expect(lower.queue.acknowledged).toBe(0);
});
