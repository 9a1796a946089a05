import { expect, test } from 'vitest';
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
