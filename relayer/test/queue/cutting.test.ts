import { expect, test } from 'vitest';
import { realDisk, type Disk } from '../../src/queue/disk.ts';
import { SegmentWriter } from '../../src/queue/segment-writer.ts';
import { Segments } from '../../src/queue/segments.ts';
import { faultyDisk } from '../fixtures/full-disk.ts';
import { afterCrash, cutAll, idsOf, LIMITS, newDirectory, offer, open, range, template } from './set-up.ts';

test('DeviceAway: a frame whose number could not be written is not cut, and never sent', async () => {
  const directory = newDirectory();
  const { disk, faults } = faultyDisk();
  const { queue } = await open(directory, { disk });
  for (const id of [1, 2]) await offer(queue, id);
  const one = { ...LIMITS, maxRecords: 1 };
  expect(queue.cut(one)?.sequence).toBe(1);
  faults.broken = true;
  expect(() => queue.cut(one)).toThrow(/EIO/);
  faults.broken = false;
  // The next connection sends what is outstanding as it is: after a crash its number would be unknown.
  expect(queue.outstanding().map(({ sequence }) => sequence)).toEqual([1]);
  const next = queue.cut(LIMITS);
  expect([next?.sequence, idsOf(next)]).toEqual([2, [2]]);
  const { queue: later } = await open(afterCrash(directory));
  expect(later.outstanding()).toEqual(queue.outstanding());
});

test('a queue that is not open can not be taken for one whose records are given up', async () => {
  const { queue } = await open(newDirectory());
  await offer(queue, 1);
  queue.cut(LIMITS);
  const [frame] = queue.outstanding();
  await queue.stop();
  expect(() => frame && queue.load(frame)).toThrow(/not open/);
});

test('what waits in the last segment of an earlier process counts as waiting to be cut', async () => {
  const directory = newDirectory();
  const first = await open(directory);
  for (const id of range(1, 101)) await offer(first.queue, id);
  first.queue.acknowledge(first.queue.cut({ ...LIMITS, maxRecords: 1 })?.sequence ?? 0);
  await first.queue.stop();
  const { queue } = await open(directory);
  const bytes = 100 * (32 + template.size);
  expect([queue.hasUncut(bytes), queue.hasUncut(bytes + 1)]).toEqual([true, false]);
  await offer(queue, 102);
  expect(queue.hasUncut(bytes + 1)).toBe(true);
  expect(cutAll(queue)).toEqual(range(2, 102));
  expect(queue.hasUncut(1)).toBe(false);
});

test('NoDescriptors: a segment does not grow beyond what the cursor can say', () => {
  const directory = newDirectory();
  const state = { hasDescriptors: true };
  // It writes nothing, or the test would need 4 GiB.
  const disk: Disk = {
    ...realDisk,
    openSync: (...args) => {
      if (!state.hasDescriptors) throw Object.assign(new Error('EMFILE: fault'), { code: 'EMFILE' });
      return realDisk.openSync(...args);
    },
    writeSync: ((_fd: number, _bytes: Buffer, _offset: number, length: number) => length) as Disk['writeSync'],
  };
  const segments = new Segments(directory, disk, 0);
  const options = { segments, directory, disk, salt: 1, segmentBytes: 1 << 20, firstNumber: 1, fsync: false };
  const writer = new SegmentWriter(options);
  const bytes = Buffer.alloc(2 ** 29);
  writer.append(bytes);
  state.hasDescriptors = false;
  for (const _ of range(2, 7)) expect(writer.append(bytes).segment).toBe(1);
  expect(() => writer.append(bytes)).toThrow(/EMFILE/);
  expect(writer.offset).toBeLessThan(2 ** 32);
  state.hasDescriptors = true;
  expect(writer.append(bytes)).toEqual({ segment: 2, offset: 32 });
  writer.close();
});
