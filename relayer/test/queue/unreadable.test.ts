import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultyDisk } from '../fixtures/full-disk.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { afterCrash, cutAll, idsOf, LIMITS, newDirectory, offer, open, range } from './set-up.ts';

const template = new RequestTemplate({ items: 1, textBytes: 10_000 });
const SIZE = 32 + template.size;

async function withRecords(count: number): Promise<string> {
  const directory = newDirectory();
  const { queue } = await open(directory);
  for (const id of range(1, count)) await offer(queue, 0, template.make(id));
  await queue.stop();
  return directory;
}

/** Cuts and acknowledges again and again while a clock goes on. */
function cutFor(queue: Parameters<typeof cutAll>[0], clock: { ms: number }, seconds: number): number[] {
  const ids: number[] = [];
  for (let i = 0; i < seconds * 10; i++) {
    ids.push(...cutAll(queue));
    clock.ms += 100;
  }
  return ids;
}

test('UnreadableSector: tried again for a while, then only the records in it are lost, and counted', async () => {
  const directory = await withRecords(20);
  const { disk, faults } = faultyDisk();
  const clock = { ms: 0 };
  // So far inside the fifth that the block around it is its own.
  const bad = 32 + 4 * SIZE + 5000;
  faults.badBytes = [bad, bad + 1];
  const { queue, damage } = await open(directory, { disk, now: () => clock.ms });
  expect(cutFor(queue, clock, 20)).toEqual([]);
  expect(damage.records).toBe(0);
  expect(queue.isEmpty()).toBe(false);
  expect(queue.stats().pendingBytes).toBeGreaterThan(20 * template.size);
  expect(await offer(queue, 0, template.make(21))).toBe('stored');
  const delivered = cutFor(queue, clock, 60);
  const lost = range(1, 21).filter((id) => !delivered.includes(id));
  expect(lost).toEqual([5]);
  expect(damage).toEqual({ records: 1, bytes: SIZE });
  expect(queue.isEmpty()).toBe(true);
});

test('UnreadableSector: records that were readable before it are not held up behind it for ever', async () => {
  const directory = await withRecords(120);
  const { disk, faults } = faultyDisk();
  const clock = { ms: 0 };
  // Beyond the first window of the reader, over the header of the hundredth record.
  faults.badBytes = [32 + 99 * SIZE, 32 + 99 * SIZE + 10];
  const { queue, damage } = await open(directory, { disk, now: () => clock.ms });
  const first = cutAll(queue);
  expect(first.length).toBeGreaterThan(10);
  const rest = cutFor(queue, clock, 80);
  expect(range(1, 120).filter((id) => ![...first, ...rest].includes(id))).toEqual([99, 100]);
  // The block of that header holds the end of the record before it.
  expect(damage.records).toBe(2);
});

test('DeviceAway: however long nothing can be read or written, nothing is given up', async () => {
  const directory = await withRecords(10);
  const { disk, faults } = faultyDisk();
  const clock = { ms: 0 };
  const { queue, damage } = await open(directory, { disk, now: () => clock.ms });
  faults.broken = true;
  expect(cutFor(queue, clock, 600)).toEqual([]);
  faults.broken = false;
  clock.ms += 30_000;
  expect(cutAll(queue)).toEqual(range(1, 10));
  expect(damage.records).toBe(0);
});

test('UnreadableSector: attempts are few, and delivery goes on by itself when the sector can be read again', async () => {
  const directory = await withRecords(5);
  const { disk, faults } = faultyDisk();
  let reads = 0;
  const counting = {
    ...disk,
    readSync: ((...args: Parameters<typeof disk.readSync>) => {
      reads++;
      return disk.readSync(...args);
    }) as typeof disk.readSync,
  };
  faults.badBytes = [100, 101];
  const { queue } = await open(directory, { disk: counting });
  let woken = 0;
  queue.onStored(() => woken++);
  reads = 0;
  for (let i = 0; i < 100; i++) expect(queue.cut(LIMITS)).toBeUndefined();
  expect(reads).toBeLessThan(5);
  faults.badBytes = undefined;
  await expect.poll(() => woken).toBeGreaterThan(0);
  expect(cutAll(queue)).toEqual(range(1, 5));
});

test('UnreadableSector: a frame that was cut before it went bad is loaded without what is lost', async () => {
  const directory = newDirectory();
  const first = await open(directory);
  for (const id of range(1, 6)) await offer(first.queue, 0, template.make(id));
  expect(idsOf(first.queue.cut(LIMITS))).toEqual(range(1, 6));
  const { disk, faults } = faultyDisk();
  const clock = { ms: 0 };
  faults.badBytes = [32 + 2 * SIZE + 5000, 32 + 2 * SIZE + 5001];
  const { queue, damage } = await open(afterCrash(directory), { disk, now: () => clock.ms });
  const [frame] = queue.outstanding();
  if (!frame) throw new Error('the frame is gone');
  let loaded: number[] = [];
  for (let i = 0; i < 900 && loaded.length === 0; i++) {
    try {
      loaded = idsOf(queue.load(frame));
    } catch (error) {
      expect(error).toMatchObject({ code: 'EIO' });
    }
    clock.ms += 100;
  }
  expect(loaded).toEqual([1, 2, 4, 5, 6]);
  expect(damage.records).toBe(1);
  queue.acknowledge(1);
  expect(queue.isEmpty()).toBe(true);
});

test('UnreadableSector: a pause that ends in the middle of an attempt releases nothing', async () => {
  const directory = await withRecords(60);
  const path = join(directory, readdirSync(directory).find((name) => name.endsWith('.segment')) ?? '');
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(path, bytes);
  const { disk, faults } = faultyDisk();
  const clock = { ms: 0, step: 0 };
  const { queue, damage } = await open(directory, { disk, now: () => (clock.ms += clock.step) });
  const whole = { ...LIMITS, targetBytes: 1 << 20 };
  expect(idsOf(queue.cut(whole))).toEqual(range(1, 59));
  expect(queue.cut(whole)).toBeUndefined();
  expect(damage.records).toBe(1);
  queue.rewind(1);
  // Each look at the clock takes so long that the pause of 100 ms ends during the attempt.
  clock.step = 60;
  faults.badBytes = [100, 101];
  expect(queue.cut(whole)).toBeUndefined();
  faults.badBytes = undefined;
  clock.ms += 1000;
  expect(idsOf(queue.cut(whole))).toEqual(range(1, 59));
});

test('UnreadableSector: a frame is loaded without a look at the record behind it', async () => {
  const { disk, faults } = faultyDisk();
  const { queue } = await open(newDirectory(), { disk, maxBytes: 64 << 20 });
  const large = new RequestTemplate({ items: 1, textBytes: 600_000 });
  for (const id of [1, 2]) await offer(queue, 0, large.make(id));
  queue.cut({ ...LIMITS, maxRecords: 1 });
  const [frame] = queue.outstanding();
  faults.badBytes = [1_000_000, 1_000_001];
  expect(idsOf(frame && queue.load(frame))).toEqual([1]);
});
