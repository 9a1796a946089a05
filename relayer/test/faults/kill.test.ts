import { expect, test } from 'vitest';
import { pause, until } from '../fixtures/relayer-process.ts';
import { Sender } from '../fixtures/sender.ts';
import { setUp } from '../fixtures/set-up.ts';
import { SCALE } from './scale.ts';

test(
  `${SCALE.kills} × kill -9 at random moments loses no acknowledged id and repeats no effect`,
  async () => {
    const { backend, relayer } = await setUp();
    // Lost answers and dropped connections meet the kills: the worst case for counting once.
    backend.faults.loseAnswers = 0.02;
    backend.faults.disconnect = 0.02;
    const sender = new Sender(relayer.ports.grpc, { items: 5 });
    await relayer.start();
    const sending = sender.run(20);
    for (let i = 0; i < SCALE.kills; i++) {
      await pause(50 + Math.random() * 400);
      await relayer.kill();
      await relayer.start();
    }
    await pause(200);
    sender.stop();
    await sending;
    backend.faults.loseAnswers = 0;
    backend.faults.disconnect = 0;
    await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
    expect(sender.acknowledged.size).toBeGreaterThan(1000);
    expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
    // A write that a kill cut off was not acknowledged; it is found torn and skipped.
    expect(await relayer.metric('relayer_queue_damaged_records_total')).toBeLessThanOrEqual(1);
  },
  SCALE.timeoutMs,
);

test('a kill while the backend is away loses nothing, with fsync too', async () => {
  const { backend, relayer } = await setUp({ QUEUE_FSYNC: 'true' });
  await backend.stop();
  const sender = new Sender(relayer.ports.grpc, { items: 5, signal: 'logs' });
  await relayer.start();
  const sending = sender.run(10);
  for (let i = 0; i < 3; i++) {
    await pause(300);
    await relayer.kill();
    await relayer.start();
  }
  sender.stop();
  await sending;
  await backend.start();
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(sender.acknowledged.size).toBeGreaterThan(100);
  expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
});
