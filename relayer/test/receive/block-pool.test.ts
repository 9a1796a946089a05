import { expect, test } from 'vitest';
import { BlockPool } from '../../src/receive/block-pool.ts';
import { RequestBuffer } from '../../src/receive/request-buffer.ts';
import { RequestMemory } from '../../src/receive/request-memory.ts';

test('a block that was given back is taken again for what fits into it', () => {
  const pool = new BlockPool();
  const block = pool.make(40_000);
  expect(block.length).toBe(65_536);
  pool.giveBack(block);
  expect(pool.take(20_000)).toBeUndefined();
  expect(pool.take(65_536)).toBe(block);
  expect(pool.take(65_536)).toBeUndefined();
});

test('few and middling blocks are kept, and none of another origin', () => {
  const pool = new BlockPool();
  expect(pool.make(1).length).toBe(4096);
  expect(pool.make(3_000_001).length).toBe(3_000_001);
  const blocks = Array.from({ length: 8 }, () => pool.make(1 << 20));
  for (const block of blocks) pool.giveBack(block);
  const again = blocks.map(() => pool.take(1 << 20));
  expect(again.filter((block) => block && blocks.includes(block))).toHaveLength(4);
  const slice = Buffer.allocUnsafeSlow(16_384).subarray(0, 8192);
  pool.giveBack(slice);
  expect(pool.take(8192)).toBeUndefined();
});

/** A request that announced 1 MB, of which `bytes` have arrived. */
function receive(memory: RequestMemory, bytes: number): RequestBuffer {
  const buffer = new RequestBuffer(memory, 1_000_000);
  expect(buffer.push(Buffer.alloc(bytes), 1_000_000)).toBe(true);
  return buffer;
}

test('a block that is used again counts as a whole, for all of it is memory by now', () => {
  const memory = new RequestMemory(4 << 20);
  const whole = receive(memory, 900_000);
  const block = whole.memory;
  whole.release();
  const begun = receive(memory, 70_000);
  expect(begun.memory).toBe(block);
  expect(memory.reserve(3_200_000)).toBe(false);
  // Of a new one the part counts that is written.
  const other = receive(memory, 70_000);
  expect(memory.reserve(2_900_000)).toBe(true);
  memory.release(2_900_000);
  begun.release();
  other.release();
  expect(memory.reserve(4 << 20)).toBe(true);
});

test('where a whole block would be too much, a new one is begun', () => {
  const memory = new RequestMemory(1_000_000);
  const whole = receive(memory, 900_000);
  const block = whole.memory;
  whole.release();
  expect(receive(memory, 70_000).memory).not.toBe(block);
  expect(memory.blocks.take(1_000_000)).toBe(block);
});
