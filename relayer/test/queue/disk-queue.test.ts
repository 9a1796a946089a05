import { openSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { realDisk } from '../../src/queue/disk.ts';
import { faultyDisk } from '../fixtures/full-disk.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { afterCrash, cutAll, idsOf, LIMITS, newDirectory, offer, open, range, template } from './set-up.ts';

test('hands out what was offered, in order, and is empty once it is acknowledged', async () => {
  const { queue } = await open(newDirectory());
  expect(await Promise.all(range(1, 100).map((id) => offer(queue, id)))).toEqual(Array(100).fill('stored'));
  expect(queue.isEmpty()).toBe(false);
  const frame = queue.cut(LIMITS);
  expect(frame?.sequence).toBe(1);
  expect(idsOf(frame)).toEqual(range(1, 100));
  expect(queue.cut(LIMITS)).toBeUndefined();
  queue.acknowledge(1);
  expect(queue.isEmpty()).toBe(true);
  expect(queue.stats().pendingBytes).toBe(0);
  await queue.stop();
  await queue.stop();
});

test('frames stay below the target, and signals get one section each', async () => {
  const { queue } = await open(newDirectory());
  for (const signal of ['traces', 'logs', 'traces', 'metrics'] as const) {
    await new Promise((resolve) => queue.offer({ signal, items: 1, payload: template.make(1) }, resolve));
  }
  const frame = queue.cut(LIMITS);
  expect(frame?.sections.map(({ signal, items }) => [signal, items])).toEqual([
    ['traces', 2],
    ['logs', 1],
    ['metrics', 1],
  ]);
  for (const id of range(1, 50)) await offer(queue, id);
  expect(queue.cut({ ...LIMITS, targetBytes: 3 * template.size })?.records).toBe(3);
  await queue.stop();
});

test('after a crash the same sequence stands for the same records', async () => {
  const directory = newDirectory();
  const first = await open(directory);
  for (const id of range(1, 30)) await offer(first.queue, id);
  const limits = { ...LIMITS, maxRecords: 10 };
  const frames = [first.queue.cut(limits), first.queue.cut(limits)];
  const { queue } = await open(afterCrash(directory));
  expect(queue.epoch).toBe(first.queue.epoch);
  expect(queue.outstanding().map(({ sequence }) => sequence)).toEqual([1, 2]);
  expect(queue.outstanding().map((found) => idsOf(queue.load(found)))).toEqual(frames.map(idsOf));
  queue.acknowledge(2);
  expect(cutAll(queue)).toEqual(range(21, 30));
});

test('a request larger than a frame is split, the same way after a crash', async () => {
  const directory = newDirectory();
  const big = new RequestTemplate({ items: 100, textBytes: 100 });
  const limits = { ...LIMITS, maxBytes: 5_000 };
  const first = await open(directory);
  await offer(first.queue, 0, big.make(1));
  const cut = [first.queue.cut(limits), first.queue.cut(limits), first.queue.cut(limits)];
  for (const frame of cut) expect(frame?.payload.length).toBeLessThanOrEqual(5_000);
  const { queue } = await open(afterCrash(directory));
  expect(queue.outstanding().map((found) => idsOf(queue.load(found)))).toEqual(cut.map(idsOf));
  queue.acknowledge(3);
  expect([...cut.flatMap(idsOf), ...cutAll(queue, limits)]).toEqual(range(1, 100));
});

test('a single span larger than a frame is marked, and the rest goes on', async () => {
  const { queue } = await open(newDirectory());
  await offer(queue, 1);
  await offer(queue, 2, new RequestTemplate({ items: 1, textBytes: 20_000 }).make(2));
  await offer(queue, 3);
  const limits = { ...LIMITS, maxBytes: 5_000 };
  expect(
    [queue.cut(limits), queue.cut(limits), queue.cut(limits)].map((frame) => [idsOf(frame), frame?.oversize]),
  ).toEqual([
    [[1], false],
    [[2], true],
    [[3], false],
  ]);
});

test('QueueFull: refuses, keeps what it has, and takes more once something was delivered', async () => {
  const { queue } = await open(newDirectory(), { maxBytes: 1 << 20 });
  const payload = new RequestTemplate({ items: 1, textBytes: 60_000 });
  let stored = 0;
  while ((await offer(queue, 0, payload.make(stored + 1))) === 'stored') stored++;
  expect(stored).toBeGreaterThan(10);
  expect(queue.stats().diskBytes).toBeLessThanOrEqual(1 << 20);
  expect(queue.writable).toBe(true);
  expect(cutAll(queue)).toEqual(range(1, stored));
  await new Promise((resolve) => setImmediate(resolve));
  expect(await offer(queue, 1)).toBe('stored');
});

test('DiskFull: refuses, loses nothing, delivers all the same, and recovers by itself', async () => {
  const { disk, faults } = faultyDisk();
  const { queue, damage, writable } = await open(newDirectory(), { disk, maxBytes: 8 << 20 });
  for (const id of range(1, 10)) expect(await offer(queue, id)).toBe('stored');
  faults.freeBytes = 100;
  expect(await offer(queue, 11)).toBe('unwritable');
  expect(await offer(queue, 12)).toBe('unwritable');
  expect(queue.writable).toBe(false);
  // The cursor has its space from the start.
  expect(cutAll(queue)).toEqual(range(1, 10));
  faults.freeBytes = 1 << 20;
  await expect.poll(() => queue.writable, { timeout: 5000 }).toBe(true);
  expect(await offer(queue, 13)).toBe('stored');
  expect(cutAll(queue)).toEqual([13]);
  expect(damage.records).toBe(0);
  expect(writable).toEqual([true, false, true]);
  await queue.stop();
});

test('NoDescriptors: goes on in the open segment, and reading is tried again later', async () => {
  const { disk, faults } = faultyDisk();
  const directory = newDirectory();
  const { queue } = await open(directory, { disk, maxBytes: 1 << 20 });
  const payload = new RequestTemplate({ items: 1, textBytes: 30_000 });
  expect(await offer(queue, 0, payload.make(1))).toBe('stored');
  faults.noDescriptors = true;
  for (const id of range(2, 10)) expect(await offer(queue, 0, payload.make(id))).toBe('stored');
  faults.noDescriptors = false;
  await queue.stop();
  const later = await open(directory, { disk });
  faults.noDescriptors = true;
  expect(() => later.queue.cut(LIMITS)).toThrow(expect.objectContaining({ code: 'EMFILE' }));
  // A scrape of the metrics and a stop come at any moment.
  expect(later.queue.stats().oldestMs).toBeUndefined();
  expect(later.queue.isEmpty()).toBe(false);
  faults.noDescriptors = false;
  expect(cutAll(later.queue)).toEqual(range(1, 10));
  expect(later.damage.records).toBe(0);
  await later.queue.stop();
});

test('fsync answers only after the file is on the device, and refuses when that fails', async () => {
  const order: string[] = [];
  let broken = false;
  const disk = {
    ...realDisk,
    fsync: ((fd, done) => {
      order.push('fsync');
      if (broken) return done(new Error('EIO'));
      realDisk.fsync(fd, done);
    }) as typeof realDisk.fsync,
  };
  const { queue } = await open(newDirectory(), { disk: disk, fsync: true });
  await Promise.all(range(1, 20).map((id) => offer(queue, id).then(() => order.push('stored'))));
  expect(order[0]).toBe('fsync');
  expect(order.filter((entry) => entry === 'fsync')).toHaveLength(1);
  broken = true;
  expect(await offer(queue, 21)).toBe('unwritable');
  await queue.stop();
});

/** One segment of an earlier process with five records; where each record begins. */
async function smallQueue(directory: string): Promise<{ file: string; bytes: Buffer; starts: number[] }> {
  const { queue } = await open(directory);
  for (const id of range(1, 5)) await offer(queue, id);
  await queue.stop();
  const file = join(
    directory,
    readdirSync(directory)
      .filter((name) => name.endsWith('.segment'))
      .sort()[0] as string,
  );
  const bytes = readFileSync(file);
  const size = 32 + template.size;
  return { file, bytes, starts: range(0, 4).map((i) => 32 + i * size) };
}

test('TornSegment: cut off at every byte, all whole records survive', async () => {
  const directory = newDirectory();
  const { file, bytes, starts } = await smallQueue(directory);
  const cursor = readFileSync(join(directory, 'cursor'));
  for (let length = 0; length <= bytes.length; length++) {
    for (const name of readdirSync(directory))
      if (name.endsWith('.segment') && join(directory, name) !== file) rmSync(join(directory, name));
    writeFileSync(file, bytes);
    truncateSync(file, length);
    writeFileSync(join(directory, 'cursor'), cursor);
    const { queue, damage } = await open(directory);
    const whole = starts.filter((start) => start + 32 + template.size <= length).length;
    expect(cutAll(queue), `cut at ${length}`).toEqual(range(1, whole));
    const torn = length > 32 && !starts.includes(length) && length < bytes.length;
    expect(damage.records, `cut at ${length}`).toBe(torn ? 1 : 0);
    await queue.stop();
  }
}, 120_000);

test('CorruptSegment: a flipped bit at every byte costs at most its own record', async () => {
  const directory = newDirectory();
  const { file, bytes, starts } = await smallQueue(directory);
  const cursor = readFileSync(join(directory, 'cursor'));
  for (let at = 0; at < bytes.length; at++) {
    for (const name of readdirSync(directory))
      if (name.endsWith('.segment') && join(directory, name) !== file) rmSync(join(directory, name));
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
    writeFileSync(file, damaged);
    writeFileSync(join(directory, 'cursor'), cursor);
    const { queue, damage } = await open(directory);
    const hit = starts.findLastIndex((start) => at >= start);
    expect(cutAll(queue), `byte ${at}`).toEqual(range(1, 5).filter((id) => id !== hit + 1));
    expect(damage.records, `byte ${at}`).toBe(hit < 0 ? 0 : 1);
    await queue.stop();
  }
}, 120_000);

test('CorruptCursor: a flipped bit at every byte of it loses no record', async () => {
  const directory = newDirectory();
  await smallQueue(directory);
  const cursor = readFileSync(join(directory, 'cursor'));
  const used = [...range(0, 130), ...range(16_384, 16_384 + 130)];
  for (const at of used) {
    const damaged = Buffer.from(cursor);
    damaged[at] = (damaged[at] as number) ^ 0x55;
    writeFileSync(join(directory, 'cursor'), damaged);
    const { queue } = await open(directory);
    expect(cutAll(queue), `byte ${at}`).toEqual(range(1, 5));
    await new Promise((resolve) => setImmediate(resolve));
    // Put the directory back: a copy of the records is at the front again.
    await queue.stop();
    rmSync(directory, { recursive: true });
    await smallQueue(directory);
  }
}, 120_000);

test('LostCursor: everything is delivered again under a new epoch', async () => {
  const directory = newDirectory();
  await smallQueue(directory);
  rmSync(join(directory, 'cursor'));
  const { queue } = await open(directory);
  // The salt of the segment's own header is used.
  expect(cutAll(queue)).toEqual(range(1, 5));
});

test('a record that contains a forged record header is not taken for one', async () => {
  const directory = newDirectory();
  const { queue } = await open(directory);
  const forged = Buffer.alloc(200, 'CRSEG');
  await offer(queue, 0, Buffer.concat([template.make(1), forged]));
  await offer(queue, 2);
  expect(idsOf(queue.cut(LIMITS))).toEqual([1, 2]);
});

test('a lost epoch is begun anew with everything unacknowledged', async () => {
  const { queue } = await open(newDirectory());
  for (const id of range(1, 20)) await offer(queue, id);
  queue.cut({ ...LIMITS, maxRecords: 10 });
  const before = queue.epoch;
  queue.beginEpoch();
  expect(queue.epoch).not.toBe(before);
  const frame = queue.cut(LIMITS);
  expect([frame?.sequence, idsOf(frame)]).toEqual([1, range(1, 20)]);
});

test('a directory that can not be used is told in words', async () => {
  const directory = newDirectory();
  const path = join(directory, 'file');
  writeSync(openSync(path, 'w'), 'x');
  await expect(open(join(path, 'below'))).rejects.toThrow(/queue directory .* can't be used/);
});

test('CorruptSegment: damage of a request that is half sent costs nothing of the next one', async () => {
  const directory = newDirectory();
  const large = new RequestTemplate({ items: 20, textBytes: 100 });
  const limits = { ...LIMITS, maxBytes: 1024 };
  const first = await open(directory);
  await offer(first.queue, 0, large.make(1000));
  await first.queue.stop();
  const second = await open(directory);
  await offer(second.queue, 0, large.make(2000));
  const part = second.queue.cut(limits);
  expect(part?.end.unit).toBeGreaterThan(0);
  second.queue.acknowledge(part?.sequence ?? 0);
  await second.queue.stop();
  const file = join(directory, readdirSync(directory).filter((name) => name.endsWith('.segment'))[0] as string);
  const bytes = readFileSync(file);
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
  writeFileSync(file, bytes);
  const third = await open(directory);
  expect(cutAll(third.queue, limits)).toEqual(range(2000, 2019));
  expect(third.damage.records).toBe(1);
  await third.queue.stop();
});

test('QueueFull: a large request that was delivered leaves room for the next one', async () => {
  const { queue } = await open(newDirectory(), { maxBytes: 1 << 20 });
  const large = new RequestTemplate({ items: 1, textBytes: 600_000 });
  for (const id of range(1, 3)) {
    expect(await offer(queue, 0, large.make(id))).toBe('stored');
    expect(await offer(queue, 0, large.make(99))).toBe('full');
    expect(cutAll(queue)).toEqual([id]);
  }
  expect(queue.isEmpty()).toBe(true);
  await queue.stop();
});

test('a request that even an empty queue has no room for is told so; one that just fits is stored', async () => {
  const { queue } = await open(newDirectory(), { maxBytes: 1 << 20 });
  const overhead = 64;
  expect(await offer(queue, 0, Buffer.alloc((1 << 20) - overhead + 1))).toBe('too_large');
  expect(await offer(queue, 1)).toBe('stored');
  expect(cutAll(queue)).toEqual([1]);
  const { size } = new RequestTemplate({ items: 1, textBytes: 0 });
  // The length of the text takes two bytes more than in an empty one, in each of the messages around it.
  const largest = new RequestTemplate({ items: 1, textBytes: (1 << 20) - overhead - size - 20 });
  expect(largest.size).toBeGreaterThan((1 << 20) - 200);
  for (const id of [2, 3]) {
    expect(await offer(queue, 0, largest.make(id))).toBe('stored');
    expect(cutAll(queue, { ...LIMITS, maxBytes: 4 << 20 })).toEqual([id]);
  }
});

test('the memory of a large request is given back a second after its last use', async () => {
  setFlagsFromString('--expose_gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const measure = (): number => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers / (1 << 20);
  };
  const { queue } = await open(newDirectory(), { maxBytes: 256 << 20 });
  const large = (): Buffer => new RequestTemplate({ items: 30, textBytes: 1 << 20 }).make(1);
  const before = measure();
  expect(await offer(queue, 0, large())).toBe('stored');
  // Nothing follows that would be read in its place.
  expect(cutAll(queue, { ...LIMITS, maxBytes: 4 << 20 })).toEqual(range(1, 30));
  await expect.poll(() => measure() - before, { timeout: 10_000 }).toBeLessThan(8);
});
