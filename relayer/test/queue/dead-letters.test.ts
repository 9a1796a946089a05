import { readdirSync, readFileSync, statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DeadLetters } from '../../src/queue/dead-letters.ts';
import { CursorFile, newCursorState } from '../../src/queue/cursor.ts';
import { realDisk, type Disk } from '../../src/queue/disk.ts';
import { FrameLedger } from '../../src/queue/frame-ledger.ts';
import { decodeRecordHeader, decodeSegmentHeader } from '../../src/queue/record-format.ts';
import { faultyDisk } from '../fixtures/full-disk.ts';
import { LIMITS, newDirectory, offer, open, template } from './set-up.ts';

const SALT = 77;
const MAX_BYTES = 128 * 1024;

function deadLettersIn(directory: string, disk: Disk = realDisk, fsync = false): DeadLetters {
  return new DeadLetters({ directory, disk, salt: SALT, maxBytes: MAX_BYTES, fsync });
}

function bytesIn(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}

/** The first byte of each letter, oldest first; it fails where the layout is not that of a segment. */
function lettersIn(directory: string): number[] {
  const letters: number[] = [];
  for (const name of ['dead-letters.1', 'dead-letters'].filter((file) => readdirSync(directory).includes(file))) {
    const bytes = readFileSync(join(directory, name));
    expect(decodeSegmentHeader(bytes)?.salt).toBe(SALT);
    for (let at = 32; at < bytes.length;) {
      const header = decodeRecordHeader(bytes, at, SALT);
      if (!header) throw new Error(`no record at ${at} of ${name}`);
      letters.push(bytes[at + 32] as number);
      at += 32 + header.length;
    }
  }
  return letters;
}

test('they are kept in the layout of a segment, the newest ones when there are too many', () => {
  const directory = newDirectory();
  const dead = deadLettersIn(directory);
  for (let i = 1; i <= 20; i++) {
    dead.add('logs', 3, Buffer.alloc(20_000, i));
    expect(bytesIn(directory)).toBeLessThanOrEqual(MAX_BYTES);
  }
  const letters = lettersIn(directory);
  expect(letters.at(-1)).toBe(20);
  expect(letters).toEqual(letters.map((_, i) => 20 - letters.length + 1 + i));
  expect(letters.length).toBeGreaterThanOrEqual(3);
});

test('the bound holds for every mixture of sizes; one that is larger than all of it is not kept', () => {
  const directory = newDirectory();
  const dead = deadLettersIn(directory);
  const sizes = [10, 70_000, 100_000, MAX_BYTES - 64, 10, 60_000, 1, 65_400, 65_600, MAX_BYTES - 64, 30_000];
  for (const [i, size] of sizes.entries()) {
    dead.add('traces', 1, Buffer.alloc(size, i));
    expect(bytesIn(directory), `after ${size}`).toBeLessThanOrEqual(MAX_BYTES);
    expect(lettersIn(directory).at(-1)).toBe(i);
  }
  expect(() => dead.add('traces', 1, Buffer.alloc(MAX_BYTES))).toThrow(/larger/);
  expect(lettersIn(directory).at(-1)).toBe(sizes.length - 1);
});

test('DiskFull: a letter that does not fit leaves nothing of itself', () => {
  const directory = newDirectory();
  const { disk, faults } = faultyDisk();
  const dead = deadLettersIn(directory, disk);
  dead.add('logs', 1, Buffer.alloc(1000, 1));
  for (const space of [0, 10, 500]) {
    faults.freeBytes = space;
    expect(() => dead.add('logs', 1, Buffer.alloc(1000, 2))).toThrow(/ENOSPC/);
    faults.freeBytes = Number.POSITIVE_INFINITY;
    expect(lettersIn(directory)).toEqual([1]);
  }
  dead.add('logs', 1, Buffer.alloc(1000, 3));
  expect(lettersIn(directory)).toEqual([1, 3]);
});

test('a crash while the file was made, or while it was renamed, costs nothing of what follows', () => {
  for (const length of [0, 1, 31, 32]) {
    const directory = newDirectory();
    deadLettersIn(directory).add('logs', 1, Buffer.alloc(1000, 1));
    truncateSync(join(directory, 'dead-letters'), length);
    deadLettersIn(directory).add('logs', 1, Buffer.alloc(1000, 2));
    expect(lettersIn(directory), `cut at ${length}`).toEqual([2]);
  }
  const directory = newDirectory();
  deadLettersIn(directory).add('logs', 1, Buffer.alloc(1000, 1));
  writeFileSync(join(directory, 'dead-letters.1'), readFileSync(join(directory, 'dead-letters')));
  deadLettersIn(directory).add('logs', 1, Buffer.alloc(1000, 2));
  expect(lettersIn(directory)).toEqual([1, 1, 2]);
});

test('LostCursor: letters under another salt are added so that all can be read', () => {
  const directory = newDirectory();
  deadLettersIn(directory).add('logs', 1, Buffer.alloc(1000, 1));
  const later = new DeadLetters({ directory, disk: realDisk, salt: SALT + 1, maxBytes: MAX_BYTES, fsync: false });
  later.add('logs', 1, Buffer.alloc(1000, 2));
  expect(lettersIn(directory)).toEqual([1, 2]);
});

test('BitFlip: nothing is added behind a damaged header, and what is there is kept', () => {
  const directory = newDirectory();
  const path = join(directory, 'dead-letters');
  const dead = deadLettersIn(directory);
  dead.add('logs', 1, Buffer.alloc(1000, 1));
  const damaged = readFileSync(path).fill(0, 8, 12);
  writeFileSync(path, damaged);
  dead.add('logs', 1, Buffer.alloc(1000, 2));
  expect(readFileSync(`${path}.1`)).toEqual(damaged);
  unlinkSync(`${path}.1`);
  expect(lettersIn(directory)).toEqual([2]);
});

test('with fsync the letter and the name of a new file are on the device', () => {
  const synced: string[] = [];
  const paths = new Map<number, string>();
  const disk: Disk = {
    ...realDisk,
    openSync: (path, ...rest) => {
      const fd = realDisk.openSync(path, ...rest);
      paths.set(fd, String(path));
      return fd;
    },
    fsyncSync: (fd) => {
      synced.push(paths.get(fd) ?? '');
      realDisk.fsyncSync(fd);
    },
  };
  const directory = newDirectory();
  const dead = deadLettersIn(directory, disk, true);
  dead.add('logs', 1, Buffer.alloc(10));
  dead.add('logs', 1, Buffer.alloc(10));
  const file = join(directory, 'dead-letters');
  expect(synced).toEqual([file, directory, file]);
});

test('what was given up is forgotten once it is acknowledged', () => {
  const ledger = new FrameLedger(newCursorState({ segment: 1, offset: 32, unit: 0 }));
  for (let i = 1; i <= 1000; i++) {
    ledger.giveUp(ledger.add({ segment: 1, offset: 32 + i, unit: 0 }));
    ledger.acknowledge(i);
  }
  expect(ledger.state.givenUp).toEqual([]);
});

test('what was given up stays given up: after a rewind, under a new epoch and after a restart', async () => {
  const directory = newDirectory();
  const first = await open(directory);
  const one = { ...LIMITS, maxRecords: 1 };
  for (const id of [1, 2, 3]) await offer(first.queue, id);
  const frames = [first.queue.cut(one), first.queue.cut(one), first.queue.cut(one)];
  const second = frames[1];
  if (!second) throw new Error('no frame');
  expect(first.queue.giveUp(second?.sequence ?? 0)).toBeUndefined();
  const emptyAt = (queue: typeof first.queue): number[] =>
    queue
      .outstanding()
      .map((range) => queue.load(range))
      .filter(({ records, sections, payload }) => records === 0 && sections.length === 0 && payload.length === 0)
      .map(({ sequence }) => sequence);
  expect(emptyAt(first.queue)).toEqual([2]);
  first.queue.rewind(2);
  expect(first.queue.cut(one)).toMatchObject({ sequence: 2, records: 0, oversize: false });
  first.queue.beginEpoch();
  // A larger frame around it is not what was given up.
  expect(first.queue.cut(LIMITS)?.records).toBe(3);
  first.queue.rewind(1);
  expect([first.queue.cut(one), first.queue.cut(one), first.queue.cut(one)].map((frame) => frame?.records)).toEqual([
    1, 0, 1,
  ]);
  await first.queue.stop();
  const { queue } = await open(directory);
  expect(emptyAt(queue)).toEqual([2]);
  queue.acknowledge(3);
  expect(queue.isEmpty()).toBe(true);
  await offer(queue, 4, template.make(4));
  expect(queue.cut(one)?.records).toBe(1);
});

test('files that can not be looked at for a moment are not begun anew', () => {
  const directory = newDirectory();
  deadLettersIn(directory).add('logs', 1, Buffer.alloc(100, 1));
  const state = newCursorState({ segment: 3, offset: 32, unit: 0 });
  const cursor = new CursorFile(directory, realDisk);
  cursor.write(state);
  cursor.close();
  let isStale = true;
  const stale = (path: string): ReturnType<Disk['statSync']> => {
    if (isStale) throw Object.assign(new Error('ESTALE'), { code: 'ESTALE' });
    return realDisk.statSync(path);
  };
  const disk = { ...realDisk, existsSync: () => !isStale, statSync: stale as Disk['statSync'] };
  expect(() => deadLettersIn(directory, disk).add('logs', 1, Buffer.alloc(100, 2))).toThrow('ESTALE');
  const again = new CursorFile(directory, disk);
  expect(again.found).toEqual(state);
  again.close();
  isStale = false;
  deadLettersIn(directory, disk).add('logs', 1, Buffer.alloc(100, 3));
  expect(lettersIn(directory)).toEqual([1, 3]);
});
