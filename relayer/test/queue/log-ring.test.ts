import { expect, test } from 'vitest';
import { LogRing } from '../../src/queue/log-ring.ts';
import { RECORD_HEADER_BYTES } from '../../src/queue/record-format.ts';

const SIZE = 4096;
const record = (text: string, length: number) => ({
  signal: 'traces' as const,
  items: 1,
  payload: Buffer.alloc(length - RECORD_HEADER_BYTES, text),
});

test('a batch that ends exactly at the end of the ring takes no further record', () => {
  const ring = new LogRing(SIZE, 1);
  let offset = 32;
  // Everything but the last 512 bytes.
  for (let i = 0; i < 7; i++) {
    ring.add(record('a', 512), 0);
    const bytes = ring.batch();
    ring.written({ segment: 1, offset });
    offset += bytes.length;
  }
  ring.add(record('b', 512), 0);
  const next = record('c', 512);
  expect(ring.fits(next)).toBe(false);
});

test('a discarded batch takes the older records with it whose bytes it has overwritten', () => {
  const ring = new LogRing(SIZE, 1);
  let offset = 32;
  for (const text of 'abcdefgh') {
    ring.add(record(text, 512), 0);
    ring.written({ segment: 1, offset });
    offset += 512;
  }
  ring.add(record('x', 512), 0);
  ring.discard();
  const first = ring.take({ segment: 1, offset: 32, unit: 0 });
  expect(first).toBeUndefined();
  expect(ring.take({ segment: 1, offset: 544, unit: 0 })?.payload.toString('latin1', 0, 1)).toBe('b');
});
