import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { CursorFile, MAX_OUTSTANDING_FRAMES, MAX_UNWRITTEN, newCursorState } from '../../src/queue/cursor.ts';
import { realDisk } from '../../src/queue/disk.ts';
import type { DiskQueue } from '../../src/queue/disk-queue.ts';
import { faultyDisk } from '../fixtures/full-disk.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { afterCrash, idsOf, LIMITS, newDirectory, offer, open, range } from './set-up.ts';

/** A segment of the smallest queue holds one. */
const large = new RequestTemplate({ items: 1, textBytes: 60_000 });
const MAX_BYTES = 1 << 20;

/** Cuts and acknowledges everything, one record a frame. @returns the ids that were sent */
function deliver(queue: DiskQueue, refused: readonly number[]): { sent: number[]; problems: (string | undefined)[] } {
  const sent: number[] = [];
  const problems: (string | undefined)[] = [];
  for (let frame = queue.cut({ ...LIMITS, maxRecords: 1 }); frame; frame = queue.cut({ ...LIMITS, maxRecords: 1 })) {
    const [id] = idsOf(frame);
    if (id !== undefined && refused.includes(id)) problems.push(queue.giveUp(frame.sequence));
    else sent.push(...idsOf(frame));
    queue.acknowledge(frame.sequence);
  }
  return { sent, problems };
}

function lettersIn(directory: string): number[] {
  return ['dead-letters.1', 'dead-letters']
    .map((name) => join(directory, name))
    .filter((path) => existsSync(path))
    .flatMap((path) => [...readFileSync(path, 'latin1').matchAll(/id:(\d+);/g)].map((match) => Number(match[1])));
}

const segmentsIn = (directory: string): number =>
  readdirSync(directory).filter((name) => name.endsWith('.segment')).length;

test('DiskFull: a letter waits in its segment while the rest is delivered and deleted, and is written by itself', async () => {
  const directory = newDirectory();
  const { disk, faults } = faultyDisk();
  const waiting: (string | undefined)[] = [];
  const onLettersWaiting = (reason: string | undefined): void => void waiting.push(reason);
  const { queue } = await open(directory, { disk, maxBytes: MAX_BYTES, onLettersWaiting });
  for (const id of range(1, 6)) await offer(queue, id, large.make(id));
  faults.freeBytes = 0;
  // What is deleted makes no room: others are quicker.
  const { unlinkSync } = disk;
  const unlinkForOthers = (path: string): void => {
    unlinkSync(path);
    faults.freeBytes = 0;
  };
  Object.assign(disk, { unlinkSync: unlinkForOthers });
  expect(deliver(queue, [3])).toEqual({ sent: [1, 2, 4, 5, 6], problems: [undefined] });
  expect(waiting).toEqual([expect.stringContaining('ENOSPC')]);
  await vi.waitFor(() => expect(segmentsIn(directory)).toBeLessThanOrEqual(2));
  expect(queue.isEmpty()).toBe(true);
  expect(lettersIn(directory)).toEqual([]);

  faults.freeBytes = Number.POSITIVE_INFINITY;
  await vi.waitFor(() => expect(lettersIn(directory)).toEqual([3]), 5000);
  expect(waiting).toEqual([expect.stringContaining('ENOSPC'), undefined]);
  expect(queue.stats().diskBytes).toBeLessThan(large.size + 100);
});

test('Crash: a letter that waits is written by the next process', async () => {
  const directory = newDirectory();
  const { disk, faults } = faultyDisk();
  const { queue } = await open(directory, { disk, maxBytes: MAX_BYTES });
  for (const id of range(1, 4)) await offer(queue, id, large.make(id));
  faults.freeBytes = 0;
  expect(deliver(queue, [2])).toEqual({ sent: [1, 3, 4], problems: [undefined] });
  queue.beginEpoch();
  await new Promise((resolve) => setImmediate(resolve));
  const copy = afterCrash(directory);
  expect(lettersIn(copy)).toEqual([]);
  const next = await open(copy, { maxBytes: MAX_BYTES });
  expect(lettersIn(copy)).toEqual([2]);
  expect(deliver(next.queue, [])).toEqual({ sent: [], problems: [] });
  expect(next.queue.isEmpty()).toBe(true);
});

test('DiskFull: what waits is bounded; a letter beyond that is lost, and why is told', async () => {
  const { disk, faults } = faultyDisk();
  const { queue } = await open(newDirectory(), { disk, maxBytes: MAX_BYTES });
  for (const id of range(1, 6)) await offer(queue, id, large.make(id));
  faults.freeBytes = 0;
  const lost = expect.stringContaining('ENOSPC') as string;
  // An eighth of the queue is two of its segments.
  expect(deliver(queue, [1, 2, 3]).problems).toEqual([undefined, undefined, lost]);
  const huge = new RequestTemplate({ items: 1, textBytes: 200_000 });
  faults.freeBytes = Number.POSITIVE_INFINITY;
  await offer(queue, 7, huge.make(7));
  expect(deliver(queue, [7]).problems).toEqual([expect.stringContaining('larger than all')]);
});

test('SmallVolume: a letter that keeps the queue unwritable gives way after a minute, and is told of as lost', async () => {
  const { disk, faults } = faultyDisk();
  const lost: string[] = [];
  const onLetterLost = (reason: string): void => void lost.push(reason);
  vi.useFakeTimers({ toFake: ['setInterval', 'setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { queue, writable } = await open(newDirectory(), { disk, maxBytes: MAX_BYTES, onLetterLost });
  await offer(queue, 1, large.make(1));
  faults.freeBytes = 0;
  expect(deliver(queue, [1]).problems).toEqual([undefined]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await offer(queue, 2, large.make(2))).toBe('unwritable');
  await vi.advanceTimersByTimeAsync(55_000);
  expect([lost, writable.at(-1)]).toEqual([[], false]);
  // That is no want of space.
  faults.broken = true;
  await vi.advanceTimersByTimeAsync(300_000);
  expect(lost).toEqual([]);
  faults.broken = false;
  // What is free without the letter's segment is not enough for the probe that is written before the queue counts as writable.
  faults.freeBytes = 250_000;
  await vi.advanceTimersByTimeAsync(10_000);
  expect([lost, writable.at(-1)]).toEqual([[expect.stringContaining('full disk')], true]);
  expect(await offer(queue, 3, large.make(3))).toBe('stored');
});

test('BitFlip: a letter that was damaged while it waited is told of as lost', async () => {
  const directory = newDirectory();
  const { disk, faults } = faultyDisk();
  const lost: string[] = [];
  const first = await open(directory, { disk, maxBytes: MAX_BYTES });
  for (const id of range(1, 2)) await offer(first.queue, id, large.make(id));
  faults.freeBytes = 0;
  expect(deliver(first.queue, [1]).problems).toEqual([undefined]);
  const copy = afterCrash(directory);
  const segment = join(copy, '0000000002.segment');
  const bytes = readFileSync(segment);
  bytes.writeUInt8(255 ^ bytes.readUInt8(1000), 1000);
  writeFileSync(segment, bytes);
  const { queue } = await open(copy, { maxBytes: MAX_BYTES, onLetterLost: (reason) => void lost.push(reason) });
  expect([lost, lettersIn(copy)]).toEqual([[expect.stringContaining('damaged')], []]);
  expect(existsSync(segment)).toBe(false);
  expect(deliver(queue, []).sent).toEqual([]);
});

test('a cursor whose lists are all full is written and read whole', () => {
  const directory = newDirectory();
  const spans = range(1, MAX_UNWRITTEN).map((segment) => ({
    start: { segment, offset: 1, unit: 2 },
    end: { segment, offset: 3, unit: 4 },
  }));
  const frameEnds = spans.slice(0, MAX_OUTSTANDING_FRAMES).map(({ end }) => end);
  const empty = newCursorState({ segment: 1, offset: 32, unit: 0 });
  const state = { ...empty, frameEnds, givenUp: spans.slice(0, MAX_OUTSTANDING_FRAMES), unwritten: spans };
  const cursor = new CursorFile(directory, realDisk);
  cursor.write(empty);
  cursor.write(state);
  cursor.close();
  const again = new CursorFile(directory, realDisk);
  expect(again.found).toEqual(state);
  again.close();
});
