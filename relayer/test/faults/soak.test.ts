import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { pause, until } from '../fixtures/relayer-process.ts';
import { setUp } from '../fixtures/set-up.ts';
import { SCALE } from './scale.ts';

test(
  `an outage of ${SCALE.outageSeconds} s with a steady sender: memory stays flat`,
  async () => {
    const { backend, relayer } = await setUp({}, { trackIds: false });
    await backend.stop();
    await relayer.start();
    const template = new RequestTemplate({ items: 100, textBytes: 210 });
    const end = performance.now() + SCALE.outageSeconds * 1000;
    const samples: number[] = [];
    let accepted = 0;
    for (let i = 0; performance.now() < end; i++) {
      const statuses = await Promise.all(
        Array.from({ length: 4 }, async (_unused, n) => {
          const response = await relayer.post('/v1/traces', template.make(1 + 400 * i + 100 * n));
          await response.arrayBuffer();
          return response.status;
        }),
      );
      for (const status of statuses) accepted += status === 200 ? 1 : 0;
      if (i % 20 === 0)
        samples.push(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${relayer.pid}/status`, 'utf8'))?.[1]) / 1024);
      await pause(100);
    }
    const settled = samples.slice(Math.floor(samples.length / 3));
    console.log(
      `outage: ${accepted} requests queued, RSS ${Math.round(Math.min(...settled))} to ${Math.round(Math.max(...settled))} MiB`,
    );
    expect(Math.max(...samples)).toBeLessThan(150);
    expect(Math.max(...settled) - Math.min(...settled)).toBeLessThan(40);
    await backend.start();
    await until(
      'everything is delivered',
      async () => (await relayer.metric('relayer_queue_bytes')) === 0,
      SCALE.timeoutMs,
    );
    expect(backend.received.items).toBe(accepted * 100);
  },
  SCALE.timeoutMs,
);
