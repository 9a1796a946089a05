import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { realDisk, type Disk } from '../../src/queue/disk.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { afterCrash, cutAll, LIMITS, newDirectory, offer, open, range, template } from './set-up.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const inBetween = (): unknown => vi.advanceTimersByTime(5000);

async function opened(directory: string) {
  const deleted: string[] = [];
  return { ...(await open(directory, { maxBytes: 64 << 20, onDeleted: (file) => void deleted.push(file) })), deleted };
}

function remove(directory: string, pattern: RegExp): string[] {
  const names = readdirSync(directory).filter((name) => pattern.test(name));
  for (const name of names) rmSync(join(directory, name), { recursive: true });
  return names;
}

test('DeletedSegment: told of; what is in memory is delivered, and what comes later is in a new file', async () => {
  const directory = newDirectory();
  const { queue, damage, deleted } = await opened(directory);
  await offer(queue, 0);
  expect(cutAll(queue)).toEqual([0]);
  for (const id of [1, 2]) await offer(queue, id);
  const names = remove(directory, /segment$/);
  expect(names).toHaveLength(1);
  inBetween();
  inBetween();
  expect(deleted).toEqual(names);
  expect(await offer(queue, 3)).toBe('stored');
  const next = await open(afterCrash(directory));
  expect(cutAll(next.queue)).toEqual([3]);
  expect(cutAll(queue)).toEqual([1, 2, 3]);
  expect(damage).toEqual({ records: 0, bytes: 0 });
});

test('DeletedSegment: what was delivered already is not missed', async () => {
  const directory = newDirectory();
  const { queue, damage, deleted } = await opened(directory);
  for (const id of [1, 2]) await offer(queue, id);
  expect(cutAll(queue)).toEqual([1, 2]);
  const names = remove(directory, /segment$/);
  inBetween();
  expect(deleted).toEqual(names);
  expect(await offer(queue, 3)).toBe('stored');
  expect(cutAll(queue)).toEqual([3]);
  expect(damage).toEqual({ records: 0, bytes: 0 });
});

test('DeletedSegment: what is lost with it is counted as damage', async () => {
  const directory = newDirectory();
  const { queue, damage, deleted } = await opened(directory);
  // Too large to stay in memory.
  const large = new RequestTemplate({ items: 1, textBytes: 600_000 });
  for (const id of range(1, 3)) await offer(queue, id, large.make(id));
  const first = queue.cut(LIMITS);
  if (!first) throw new Error('no frame');
  queue.acknowledge(first.sequence);
  await queue.stop();
  const again = await opened(directory);
  await offer(again.queue, 4);
  remove(directory, /segment$/);
  inBetween();
  await offer(again.queue, 5);
  expect(cutAll(again.queue)).toEqual([5]);
  expect([deleted, again.deleted]).toEqual([[], ['0000000003.segment']]);
  expect([damage.bytes, again.damage.bytes]).toEqual([0, 2 * (32 + large.size) + 32 + (32 + template.size)]);
  expect(again.queue.isEmpty()).toBe(true);
});

test('DeletedCursor: made anew, so that the next process goes on with the same numbers', async () => {
  const directory = newDirectory();
  const { queue, deleted } = await opened(directory);
  for (const id of [1, 2]) await offer(queue, id);
  const one = { ...LIMITS, maxRecords: 1 };
  queue.acknowledge(queue.cut(one)?.sequence ?? 0);
  remove(directory, /^cursor$/);
  inBetween();
  inBetween();
  expect(deleted).toEqual(['cursor']);
  expect(queue.cut(one)?.sequence).toBe(2);
  const next = await open(afterCrash(directory));
  expect([next.queue.epoch, next.queue.acknowledged]).toEqual([queue.epoch, 1]);
  expect(next.queue.outstanding().map(({ sequence }) => sequence)).toEqual([2]);
});

test('DeletedDirectory: the queue becomes unwritable, and says so once', async () => {
  const directory = newDirectory();
  const { queue, deleted, writable } = await opened(directory);
  await offer(queue, 0);
  expect(cutAll(queue)).toEqual([0]);
  await offer(queue, 1);
  rmSync(directory, { recursive: true });
  inBetween();
  inBetween();
  expect(deleted).toEqual(['0000000002.segment', 'cursor']);
  expect(writable).toEqual([true, false]);
  expect(await offer(queue, 2)).toBe('unwritable');
  expect(cutAll(queue)).toEqual([1]);
});

test('a directory that can not be looked into for a while is not one whose files are deleted', async () => {
  const directory = newDirectory();
  const deleted: string[] = [];
  const opened: string[] = [];
  const disk: Disk = { ...realDisk };
  const onDeleted = (file: string): void => void deleted.push(file);
  const { queue } = await open(directory, { disk, onDeleted });
  await offer(queue, 1);
  const stale = (): never => {
    throw Object.assign(new Error('ESTALE'), { code: 'ESTALE' });
  };
  Object.assign(disk, {
    statSync: stale,
    // As it answers then.
    existsSync: () => false,
    openSync: (path: string, ...rest: [string, number]) => {
      opened.push(path);
      return realDisk.openSync(path, ...rest);
    },
  });
  inBetween();
  expect([deleted, opened]).toEqual([[], []]);
  Object.assign(disk, realDisk);
  expect(cutAll(queue)).toEqual([1]);
});
