import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { FrameWindow } from '../../src/deliver/frame-window.ts';
import { RefusalSearch } from '../../src/deliver/refusal-search.ts';
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
  readonly text: string;
  readonly answer: (value: unknown) => void;
}

/** A connection to a backend that has acknowledged what the queue knows of. */
function connect(
  queue: DiskQueue,
  metrics: Metrics,
  search = new RefusalSearch(),
): { readonly sent: Sent[]; readonly end: () => void } {
  const sent: Sent[] = [];
  const window = new FrameWindow({
    queue,
    connection: {
      maxPayload: MAX_PAYLOAD,
      send: (header, payload, answer) => {
        sent.push({ header, bytes: payload.length, text: payload.toString('latin1'), answer });
        // As masking does.
        payload.fill(0);
      },
      close: () => {},
    },
    metrics,
    log: new Logger({ level: 'error', pod: '', write: () => {} }),
    answerTimeoutMs: 30_000,
    search,
    onProgress: () => {},
  });
  window.start(queue.acknowledged);
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
  const letters = readFileSync(join(directory, 'dead-letters'));
  expect(letters.subarray(64).equals(template.make(2))).toBe(true);
  expect(metrics.print()).toMatch(/reason="too_large"\} 1\n/);
  expect(metrics.print()).toMatch(/reason="refused"\} 1\n/);
});

test('Flapping: a refused request among many is found over connections that each end with the refusal', async () => {
  const { queue } = await open(newDirectory());
  const metrics = new Metrics();
  const search = new RefusalSearch();
  for (let id = 1; id <= 100; id++) await offer(queue, id);
  const delivered: string[] = [];
  let connections = 0;
  // Halving 100 takes seven refusals.
  while (!queue.isEmpty() && connections++ < 10) {
    const { sent, end } = connect(queue, metrics, search);
    for (const { header, text, answer } of sent) {
      if (text.includes('id:000000000042;')) {
        answer({ status: 'refused', code: 'no' });
        break;
      }
      delivered.push(...(text.match(/id:\d+;/g) ?? []));
      answer({ status: 'acknowledged', sequence: header.sequence });
    }
    end();
  }
  expect(queue.isEmpty()).toBe(true);
  expect(delivered).toHaveLength(99);
  expect(new Set(delivered).size).toBe(99);
  expect(metrics.print()).toMatch(/reason="refused"\} 1\n/);
});
