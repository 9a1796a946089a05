import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { CursorFile, newCursorState } from '../../src/queue/cursor.ts';
import { realDisk, type Disk } from '../../src/queue/disk.ts';
import { encodeSegmentHeader, segmentFileName } from '../../src/queue/record-format.ts';
import { Writability } from '../../src/queue/writability.ts';
import { faultyDisk } from '../fixtures/full-disk.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { afterCrash, cutAll, newDirectory, offer, open, range } from './set-up.ts';

const segmentsIn = (directory: string): string[] => readdirSync(directory).filter((name) => name.endsWith('.segment'));

async function withRecords(count: number): Promise<string> {
  const directory = newDirectory();
  const { queue } = await open(directory);
  for (const id of range(1, count)) await offer(queue, id);
  await queue.stop();
  return directory;
}

test('DiskFull at the start: unwritable, delivers what it has, and recovers by itself', async () => {
  const directory = await withRecords(10);
  const { disk, faults } = faultyDisk();
  faults.freeBytes = 0;
  const { queue, writable, damage } = await open(directory, { disk });
  expect([queue.writable, writable]).toEqual([false, [false]]);
  expect(await offer(queue, 11)).toBe('unwritable');
  expect(cutAll(queue)).toEqual(range(1, 10));
  await expect.poll(() => segmentsIn(directory)).toEqual([]);
  faults.freeBytes = 1 << 20;
  await expect.poll(() => queue.writable, { timeout: 5000 }).toBe(true);
  expect(await offer(queue, 12)).toBe('stored');
  expect(cutAll(queue)).toEqual([12]);
  expect(damage.records).toBe(0);
});

test('DiskFull: a disk that is full of what was delivered is not full', async () => {
  const { disk, faults } = faultyDisk();
  const { queue } = await open(newDirectory(), { disk });
  faults.freeBytes = 400_000;
  const payload = new RequestTemplate({ items: 1, textBytes: 30_000 });
  let stored = 0;
  while ((await offer(queue, 0, payload.make(stored + 1))) === 'stored') stored++;
  expect(stored).toBeGreaterThan(10);
  expect(cutAll(queue)).toEqual(range(1, stored));
  await expect.poll(() => queue.writable, { timeout: 5000 }).toBe(true);
  expect(await offer(queue, 100)).toBe('stored');
  expect(cutAll(queue)).toEqual([100]);
});

test.each([
  ['DiskFull', 'freeBytes', 0, Number.POSITIVE_INFINITY],
  ['NoDescriptors', 'noDescriptors', true, false],
] as const)('%s at the first start: nothing can be opened yet, and then it can', async (_name, fault, on, off) => {
  const { disk, faults } = faultyDisk();
  Object.assign(faults, { [fault]: on });
  const { queue } = await open(newDirectory(), { disk });
  let isOpen = false;
  queue.onOpen(() => (isOpen = true));
  expect([isOpen, queue.writable, queue.isEmpty(), queue.stats().diskBytes]).toEqual([false, false, false, 0]);
  expect(queue.cut({ maxBytes: 1, targetBytes: 1, maxRecords: 1 })).toBeUndefined();
  expect(await offer(queue, 1)).toBe('unwritable');
  Object.assign(faults, { [fault]: off });
  await expect.poll(() => queue.writable, { timeout: 5000 }).toBe(true);
  expect(isOpen).toBe(true);
  expect(await offer(queue, 2)).toBe('stored');
  expect(cutAll(queue)).toEqual([2]);
});

test('NoDescriptors at the start: what is in the directory waits, under its old numbers', async () => {
  const directory = newDirectory();
  const first = await open(directory);
  for (const id of range(1, 5)) await offer(first.queue, id);
  first.queue.cut({ maxBytes: 1 << 20, targetBytes: 1 << 20, maxRecords: 3 });
  const { disk, faults } = faultyDisk();
  faults.noDescriptors = true;
  const { queue } = await open(afterCrash(directory), { disk });
  expect(queue.writable).toBe(false);
  faults.noDescriptors = false;
  await expect.poll(() => queue.writable, { timeout: 5000 }).toBe(true);
  expect(queue.epoch).toBe(first.queue.epoch);
  expect(queue.outstanding()).toHaveLength(1);
  queue.acknowledge(1);
  expect(cutAll(queue)).toEqual([4, 5]);
});

test('a queue that was never open is stopped like any other', async () => {
  const { disk, faults } = faultyDisk();
  faults.noDescriptors = true;
  const { queue } = await open(newDirectory(), { disk });
  await queue.stop();
  faults.noDescriptors = false;
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect(queue.writable).toBe(false);
});

test('restarts leave no files behind: neither empty segments nor settled ones', async () => {
  const directory = await withRecords(3);
  for (let i = 0; i < 5; i++) {
    const { queue } = await open(directory);
    await queue.stop();
  }
  expect(segmentsIn(directory)).toHaveLength(1);
  const { queue } = await open(directory);
  expect(cutAll(queue)).toEqual([1, 2, 3]);
  await queue.stop();
  expect(readdirSync(directory)).toEqual(['cursor']);
  // A number is never used again, also when no file remembers it.
  const later = await open(directory);
  await offer(later.queue, 4);
  expect(segmentsIn(directory)[0]).not.toBe(segmentFileName(2));
});

test('a segment that was delivered and deleted is closed too: its space is free', async () => {
  const directory = await withRecords(10);
  const files = new Map<number, string>();
  const disk: Disk = {
    ...realDisk,
    openSync: (path, ...rest) => {
      const fd = realDisk.openSync(path, ...rest);
      files.set(fd, basename(String(path)));
      return fd;
    },
    closeSync: (fd) => {
      files.delete(fd);
      realDisk.closeSync(fd);
    },
  };
  const { queue } = await open(directory, { disk });
  expect(cutAll(queue)).toEqual(range(1, 10));
  await expect.poll(() => segmentsIn(directory)).toEqual([]);
  expect([...files.values()]).toEqual(['cursor']);
});

test('QueueFull: a large request from before a restart leaves its room once it is delivered', async () => {
  const directory = newDirectory();
  const large = new RequestTemplate({ items: 1, textBytes: 600_000 });
  const first = await open(directory, { maxBytes: 1 << 20 });
  expect(await offer(first.queue, 0, large.make(1))).toBe('stored');
  await first.queue.stop();
  const { queue } = await open(directory, { maxBytes: 1 << 20 });
  expect(await offer(queue, 0, large.make(2))).toBe('full');
  expect(cutAll(queue)).toEqual([1]);
  expect(await offer(queue, 0, large.make(3))).toBe('stored');
});

test('QueueFull: damage with nothing sound behind it does not keep its room', async () => {
  const directory = newDirectory();
  const large = new RequestTemplate({ items: 1, textBytes: 600_000 });
  const first = await open(directory, { maxBytes: 1 << 20 });
  expect(await offer(first.queue, 0, large.make(1))).toBe('stored');
  await first.queue.stop();
  const file = join(directory, segmentsIn(directory)[0] ?? '');
  writeFileSync(file, readFileSync(file).fill(0, 100, 200));
  const { queue, damage } = await open(directory, { maxBytes: 1 << 20 });
  expect(cutAll(queue)).toEqual([]);
  expect(damage.records).toBe(1);
  expect(queue.stats().pendingBytes).toBe(0);
  expect(await offer(queue, 0, large.make(2))).toBe('stored');
  expect(cutAll(queue)).toEqual([2]);
});

test('what is only called like a segment is ignored with one warning', async () => {
  const directory = await withRecords(5);
  writeFileSync(join(directory, '9999999999.segment'), 'out of range');
  writeFileSync(join(directory, '4294967295.segment'), 'the highest number there is');
  writeFileSync(join(directory, '2000000000.segment'), 'far away');
  mkdirSync(join(directory, '0000000007.segment'));
  mkdirSync(join(directory, segmentFileName(3)));
  symlinkSync('/nowhere', join(directory, '0000000009.segment'));
  const { queue, oddities, damage } = await open(directory);
  expect(oddities).toHaveLength(1);
  for (const number of ['9999999999', '4294967295', '2000000000', '0000000007', '0000000009'])
    expect(oddities[0]).toContain(number);
  expect(queue.stats().oldestMs).toBeGreaterThan(0);
  // The next segment would have had the number of one of the directories.
  for (const id of range(6, 10)) expect(await offer(queue, id)).toBe('stored');
  expect(cutAll(queue)).toEqual(range(1, 10));
  expect(damage.records).toBe(0);
  await queue.stop();
  const again = await open(directory);
  expect(await offer(again.queue, 11)).toBe('stored');
  expect(cutAll(again.queue)).toEqual([11]);
});

test('segments far from those the cursor knows are believed when they say their number', async () => {
  const directory = await withRecords(2);
  const [name = ''] = segmentsIn(directory);
  const bytes = readFileSync(join(directory, name));
  const number = 3_000_000_000;
  encodeSegmentHeader(bytes.readUInt32LE(8), number).copy(bytes);
  rmSync(join(directory, name));
  rmSync(join(directory, 'cursor'));
  writeFileSync(join(directory, segmentFileName(number)), bytes);
  const { queue, oddities } = await open(directory);
  expect(oddities).toEqual([]);
  expect(cutAll(queue)).toEqual([1, 2]);
});

test('a segment that can not be deleted keeps no other one', async () => {
  const directory = newDirectory();
  const stuck = '0000000002.segment';
  const disk: Disk = {
    ...realDisk,
    unlinkSync: (path) => {
      if (String(path).endsWith(stuck)) throw Object.assign(new Error('EPERM: fault'), { code: 'EPERM' });
      realDisk.unlinkSync(path);
    },
  };
  const large = new RequestTemplate({ items: 1, textBytes: 100_000 });
  const { queue } = await open(directory, { disk, maxBytes: 1 << 20 });
  for (const id of range(1, 30)) {
    expect(await offer(queue, 0, large.make(id)), `request ${id}`).toBe('stored');
    expect(cutAll(queue)).toEqual([id]);
  }
  await queue.stop();
  const left = segmentsIn(directory);
  expect(left).toContain(stuck);
  expect(left.length).toBeLessThanOrEqual(2);
});

test('CutOffCursor: what one sound slot says survives the next crash too', () => {
  const directory = newDirectory();
  const state = newCursorState({ segment: 1, offset: 32, unit: 0 });
  const first = new CursorFile(directory, realDisk);
  // The second one goes into the first slot.
  for (const acknowledged of [1, 2]) first.write({ ...state, acknowledged });
  first.close();
  truncateSync(join(directory, 'cursor'), 16_384);
  for (let i = 0; i < 2; i++) {
    const again = new CursorFile(directory, realDisk);
    again.close();
    expect(again.found).toMatchObject({ epoch: state.epoch, acknowledged: 2 });
  }
});

test('after restarts of an empty queue the numbers of deleted segments are not used again', async () => {
  const directory = await withRecords(1);
  for (const expected of [[1], [], []]) {
    const { queue } = await open(directory);
    expect(cutAll(queue)).toEqual(expected);
    await queue.stop();
  }
  expect(segmentsIn(directory)).toEqual([]);
  const { queue } = await open(directory);
  expect(await offer(queue, 2)).toBe('stored');
  await queue.stop();
  const later = await open(directory);
  expect(cutAll(later.queue)).toEqual([2]);
});

test('the disk is tried once a second while it is full, and no more once it is not', () => {
  vi.useFakeTimers();
  try {
    let attempts = 0;
    const prepare = (): void => {
      if (++attempts < 3) throw Object.assign(new Error('ENOSPC: fault'), { code: 'ENOSPC' });
    };
    const writability = new Writability({ directory: newDirectory(), disk: realDisk, prepare, onChange: () => {} });
    writability.start();
    expect([attempts, writability.writable]).toEqual([1, false]);
    vi.advanceTimersByTime(2000);
    expect([attempts, writability.writable]).toEqual([3, true]);
    vi.advanceTimersByTime(60_000);
    expect(attempts).toBe(3);
  } finally {
    vi.useRealTimers();
  }
});
