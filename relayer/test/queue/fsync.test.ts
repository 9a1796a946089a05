import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { realDisk, type Disk } from '../../src/queue/disk.ts';
import { SegmentWriter } from '../../src/queue/segment-writer.ts';
import { Segments } from '../../src/queue/segments.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { newDirectory, offer, open, range } from './set-up.ts';

/** The real disk; `synced` are the names of the files and directories that were. */
function watchedDisk(): { readonly disk: Disk; readonly synced: string[]; readonly faults: { failing: boolean } } {
  const synced: string[] = [];
  const faults = { failing: false };
  const paths = new Map<number, string>();
  const fail = (): never => {
    throw Object.assign(new Error('EIO: fault'), { code: 'EIO' });
  };
  const disk: Disk = {
    ...realDisk,
    openSync: (path, ...rest) => {
      const fd = realDisk.openSync(path, ...rest);
      paths.set(fd, basename(String(path)));
      return fd;
    },
    closeSync: (fd) => {
      paths.delete(fd);
      realDisk.closeSync(fd);
    },
    fsyncSync: (fd) => {
      realDisk.fsyncSync(fd);
      synced.push(paths.get(fd) ?? 'closed');
    },
    fsync: ((fd, done) => {
      synced.push(paths.get(fd) ?? 'closed');
      realDisk.fsync(fd, done);
    }) as typeof realDisk.fsync,
    writeSync: ((...args: Parameters<Disk['writeSync']>) =>
      faults.failing ? fail() : realDisk.writeSync(...args)) as Disk['writeSync'],
    ftruncateSync: (...args) => (faults.failing ? fail() : realDisk.ftruncateSync(...args)),
  };
  return { disk, synced, faults };
}

test('with fsync the names of cursor and segments are on the device before a request is stored', async () => {
  const directory = newDirectory();
  const { disk, synced } = watchedDisk();
  const { queue } = await open(directory, { disk, fsync: true, maxBytes: 1 << 20 });
  expect(synced).toEqual(['cursor', basename(directory)]);
  const payload = new RequestTemplate({ items: 1, textBytes: 40_000 });
  for (const id of range(1, 3)) {
    synced.length = 0;
    expect(await offer(queue, 0, payload.make(id))).toBe('stored');
    const segment = readdirSync(directory)
      .filter((name) => name.endsWith('.segment'))
      .at(-1);
    // Each is in a segment of its own; the one before is synced when it is left.
    expect(synced.slice(-2)).toEqual([basename(directory), segment]);
  }
});

test('without fsync nothing waits for the device', async () => {
  const { disk, synced } = watchedDisk();
  const { queue } = await open(newDirectory(), { disk });
  await offer(queue, 1);
  expect(synced).toEqual([]);
});

test('TornWrite: what was written before a torn end is synced, and the next record is in a new segment', async () => {
  const directory = newDirectory();
  const { disk, synced, faults } = watchedDisk();
  const segments = new Segments(directory, disk, 0);
  const options = { segments, directory, disk, salt: 1, segmentBytes: 1 << 20, firstNumber: 1, fsync: true };
  const writer = new SegmentWriter(options);
  const sync = (): Promise<Error | null> => new Promise((resolve) => writer.sync(resolve));
  expect(await sync()).toBeNull();
  writer.append(Buffer.alloc(100, 1));
  faults.failing = true;
  expect(() => writer.append(Buffer.alloc(100, 2))).toThrow(/EIO/);
  faults.failing = false;
  synced.length = 0;
  expect(await sync()).toBeNull();
  expect(synced).toEqual(['0000000001.segment']);
  expect(writer.append(Buffer.alloc(100, 3))).toEqual({ segment: 2, offset: 32 });
  writer.finish();
  expect(await sync()).toBeNull();
  expect(writer.append(Buffer.alloc(100, 4))).toEqual({ segment: 3, offset: 32 });
  writer.close();
  expect(readdirSync(directory)).toContain(basename(join(directory, '0000000003.segment')));
});

const EIO = Object.assign(new Error('EIO: fault'), { code: 'EIO' });

/** The real disk, where an fsync ends when and as the test wants. */
function heldDisk(): { readonly disk: Disk; readonly held: ((error: Error | null) => void)[]; failsNow: boolean } {
  const held: ((error: Error | null) => void)[] = [];
  const state = {
    held,
    failsNow: false,
    disk: {
      ...realDisk,
      fsync: ((_fd, done) => void held.push(done)) as typeof realDisk.fsync,
      fsyncSync: (fd: number) => {
        if (state.failsNow) throw EIO;
        realDisk.fsyncSync(fd);
      },
    },
  };
  return state;
}

test('FailedSync: what was written while it ran is refused too: the kernel tells the loss of a page only once', async () => {
  const { disk, held } = heldDisk();
  const { queue } = await open(newDirectory(), { disk, fsync: true });
  const first = offer(queue, 1);
  await expect.poll(() => held.length).toBe(1);
  const second = offer(queue, 2);
  await new Promise((resolve) => setImmediate(resolve));
  held.shift()?.(EIO);
  held.shift()?.(null);
  expect(await Promise.all([first, second])).toEqual(['unwritable', 'unwritable']);
});

test('FailedSync: one that fails while a segment is left fails the one that is running', () => {
  const state = heldDisk();
  const directory = newDirectory();
  const segments = new Segments(directory, state.disk, 0);
  const options = { segments, directory, disk: state.disk, salt: 1, segmentBytes: 200, firstNumber: 1, fsync: true };
  const writer = new SegmentWriter(options);
  const outcomes: (Error | null)[] = [];
  writer.append(Buffer.alloc(150, 1));
  writer.sync((error) => outcomes.push(error));
  state.failsNow = true;
  // The segment grows on.
  expect(writer.append(Buffer.alloc(150, 2)).segment).toBe(1);
  state.failsNow = false;
  state.held.shift()?.(null);
  writer.sync((error) => outcomes.push(error));
  state.held.shift()?.(null);
  expect(outcomes).toEqual([EIO, null]);
  writer.close();
});

test('a segment that is left while it is synced is closed afterwards: its descriptor could be another file’s by then', () => {
  const state = heldDisk();
  const closed: number[] = [];
  const disk: Disk = {
    ...state.disk,
    closeSync: (fd) => {
      closed.push(fd);
      realDisk.closeSync(fd);
    },
    fsync: ((fd: number, done: (error: Error | null) => void) =>
      void state.held.push((error) => {
        expect(closed).not.toContain(fd);
        done(error);
        expect(closed).toContain(fd);
      })) as typeof realDisk.fsync,
  };
  const directory = newDirectory();
  const segments = new Segments(directory, disk, 0);
  const options = { segments, directory, disk, salt: 1, segmentBytes: 200, firstNumber: 1, fsync: false };
  const writer = new SegmentWriter(options);
  writer.append(Buffer.alloc(150, 1));
  let synced = false;
  writer.sync(() => (synced = true));
  expect(writer.append(Buffer.alloc(150, 2)).segment).toBe(2);
  state.held.shift()?.(null);
  expect(synced).toBe(true);
  writer.close();
});
