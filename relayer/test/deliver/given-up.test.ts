import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { FrameWindow } from '../../src/deliver/frame-window.ts';
import { Logger } from '../../src/observe/logger.ts';
import { Metrics } from '../../src/observe/metrics.ts';
import type { FrameHeader } from '../../src/protocol/frames.ts';
import type { DiskQueue } from '../../src/queue/disk-queue.ts';
import { disposeLater } from '../fixtures/set-up.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { newDirectory, offer, open, template } from '../queue/set-up.ts';

const MAX_PAYLOAD = 16 << 20;

interface Sent {
  readonly header: FrameHeader;
  readonly bytes: number;
  readonly answer: (value: unknown) => void;
}

/** A connection to a backend that has nothing yet. */
function connect(queue: DiskQueue, metrics: Metrics): { readonly sent: Sent[]; readonly end: () => void } {
  const sent: Sent[] = [];
  const window = new FrameWindow({
    queue,
    connection: {
      maxPayload: MAX_PAYLOAD,
      send: (header, payload, answer) => void sent.push({ header, bytes: payload.length, answer }),
      close: () => {},
    },
    metrics,
    log: new Logger({ level: 'error', pod: '', write: () => {} }),
    answerTimeoutMs: 30_000,
    onProgress: () => {},
  });
  window.start(0);
  disposeLater(() => window.end());
  return { sent, end: () => window.end() };
}

test('what was given up is not given up again over later connections, nor by the next process', async () => {
  const directory = newDirectory();
  const metrics = new Metrics();
  const { queue } = await open(directory, { maxBytes: 256 << 20 });
  expect(await offer(queue, 0, new RequestTemplate({ items: 1, textBytes: MAX_PAYLOAD }).make(1))).toBe('stored');
  expect(await offer(queue, 2)).toBe('stored');
  const first = connect(queue, metrics);

  await vi.waitFor(() => expect(first.sent).toHaveLength(2));
  first.end();
  const second = connect(queue, metrics);
  await vi.waitFor(() => expect(second.sent).toHaveLength(2));
  expect(second.sent[0]).toMatchObject({ bytes: 0, header: { sequence: 1, sections: [] } });
  expect(second.sent[1]).toMatchObject({ bytes: template.size, header: { sequence: 2 } });
  second.sent[1]?.answer({ status: 'refused', code: 'no' });
  second.sent[0]?.answer({ status: 'retry', afterMs: 1 });
  await vi.waitFor(() => expect(second.sent).toHaveLength(4));
  expect(second.sent[3]).toMatchObject({ bytes: 0, header: { sequence: 2, sections: [] } });
  second.end();
  await queue.stop();
  const next = await open(directory, { maxBytes: 256 << 20 });
  const third = connect(next.queue, metrics);
  await vi.waitFor(() => expect(third.sent).toHaveLength(2));
  expect(third.sent.map(({ bytes, header }) => [bytes, header.sequence])).toEqual([
    [0, 1],
    [0, 2],
  ]);
  // Each is there once; the first one filled its file.
  expect(statSync(join(directory, 'dead-letters.1')).size).toBeLessThan(MAX_PAYLOAD + 1000);
  expect(statSync(join(directory, 'dead-letters')).size).toBe(32 + 32 + template.size);
  expect(metrics.print()).toMatch(/reason="too_large"\} 1\n/);
  expect(metrics.print()).toMatch(/reason="refused"\} 1\n/);
});
