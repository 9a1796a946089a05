import { expect, test } from 'vitest';
import { register, TestNode, until } from '../fixtures/node.ts';
import { connectPeer } from '../fixtures/relayer-peer.ts';
import { makeSpans } from '../fixtures/spans.ts';

test('a node that stops does not store first all that waits: its relayers have it', async () => {
  const node = await new TestNode().start();
  const { metrics, database } = node.backend;
  const peer = await connectPeer(node.url, (await register(node.url)).body);
  let release = (): void => undefined;
  const held = database.transaction(() => new Promise<void>((resolve) => (release = resolve)));
  for (let i = 0; i < 300; i++) peer.send(makeSpans([{}])).catch(() => undefined);
  await until('frames wait', () => metrics.get('backend_waiting_frames') === 300);
  const stopped = node.stop();
  release();
  await Promise.all([held, stopped]);
  expect(metrics.get('backend_frames_total', 'acknowledged')).toBeLessThan(100);
});
