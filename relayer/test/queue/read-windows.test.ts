import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { realDisk, type Disk } from '../../src/queue/disk.ts';
import { READ_BYTES } from '../../src/queue/read-windows.ts';
import { cutAll, LIMITS, newDirectory, offer, open } from './set-up.ts';

/** A disk that tells into how much memory of the size of a window was read, and fails when told to. */
function watchedDisk(): { readonly disk: Disk; readonly windows: Set<ArrayBufferLike>; fails: boolean } {
  const windows = new Set<ArrayBufferLike>();
  const watched = {
    windows,
    fails: false,
    disk: {
      ...realDisk,
      readSync: ((fd: number, into: Buffer, ...rest: [number, number, number]) => {
        if (into.buffer.byteLength === READ_BYTES) {
          windows.add(into.buffer);
          if (watched.fails) throw Object.assign(new Error('EIO'), { code: 'EIO' });
        }
        return realDisk.readSync(fd, into, ...rest);
      }) as Disk['readSync'],
    },
  };
  return watched;
}

/** A directory in which a second segment follows one that is `bytes` of zeros but for its first record. */
async function damagedDirectory(bytes: number): Promise<string> {
  const directory = newDirectory();
  for (const id of [1, 2]) {
    const { queue } = await open(directory, { maxBytes: 1 << 30 });
    await offer(queue, id);
    await queue.stop();
  }
  const [first = ''] = readdirSync(directory)
    .filter((name) => name.endsWith('.segment'))
    .sort();
  truncateSync(join(directory, first), bytes);
  return directory;
}

test('damage of many megabytes is stepped over in the memory of a few windows', async () => {
  const directory = await damagedDirectory(64 << 20);
  const { disk, windows } = watchedDisk();
  const { queue, damage } = await open(directory, { maxBytes: 1 << 30, disk });
  expect(cutAll(queue)).toEqual([1, 2]);
  expect(damage.records).toBe(1);
  expect(windows.size).toBeLessThan(6);
});

test('a device that can not be read for long costs no memory for each attempt', async () => {
  const directory = newDirectory();
  const first = await open(directory);
  await offer(first.queue, 1);
  await first.queue.stop();
  let ms = 0;
  const watched = watchedDisk();
  const { queue } = await open(directory, { disk: watched.disk, now: () => ms });
  watched.fails = true;
  for (let i = 0; i < 8; i++) {
    ms += 60_000;
    expect(queue.cut(LIMITS)).toBeUndefined();
    queue.isEmpty();
    queue.stats();
  }
  expect(watched.windows.size).toBeLessThan(4);
  watched.fails = false;
  ms += 60_000;
  expect(cutAll(queue)).toEqual([1]);
});
