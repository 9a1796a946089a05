import { expect, test } from 'vitest';
import { BlockPool } from '../../src/receive/block-pool.ts';

test('a block that was given back is taken again for what fits into it', () => {
  const pool = new BlockPool();
  const block = pool.take(40_000);
  expect(block.length).toBe(65_536);
  pool.giveBack(block);
  expect(pool.take(20_000)).not.toBe(block);
  expect(pool.take(65_536)).toBe(block);
  expect(pool.take(65_536)).not.toBe(block);
});

test('few and middling blocks are kept, and none of another origin', () => {
  const pool = new BlockPool();
  expect(pool.take(1).length).toBe(4096);
  expect(pool.take(3_000_001).length).toBe(3_000_001);
  const blocks = Array.from({ length: 8 }, () => pool.take(1 << 20));
  for (const block of blocks) pool.giveBack(block);
  const again = blocks.map(() => pool.take(1 << 20));
  expect(again.filter((block) => blocks.includes(block))).toHaveLength(4);
  const slice = Buffer.allocUnsafeSlow(16_384).subarray(0, 8192);
  pool.giveBack(slice);
  expect(pool.take(8192)).not.toBe(slice);
});
