import fs from 'node:fs';

/**
 * The calls of the file system that the queue makes, so that a full disk and exhausted descriptors
 * can be tried without one. `test/queue/disk-contract.test.ts` holds the real one and the fake to
 * the same behaviour.
 */
export type Disk = Pick<
  typeof fs,
  | 'closeSync'
  | 'existsSync'
  | 'fstatSync'
  | 'fsync'
  | 'fsyncSync'
  | 'ftruncateSync'
  | 'mkdirSync'
  | 'openSync'
  | 'readSync'
  | 'readdirSync'
  | 'renameSync'
  | 'statSync'
  | 'unlinkSync'
  | 'writeSync'
  | 'writevSync'
>;

export const realDisk: Disk = fs;

/** Writes all of `bytes` at `position`; a short write is continued. */
export function writeFully(disk: Disk, fd: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length;) {
    const written = disk.writeSync(fd, bytes, done, bytes.length - done, position + done);
    if (written === 0) throw Object.assign(new Error('ENOSPC: nothing was written'), { code: 'ENOSPC' });
    done += written;
  }
}

/** Reads up to `length` bytes at `position`; fewer only at the end of the file. */
export function readFully(disk: Disk, fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const got = disk.readSync(fd, bytes, done, length - done, position + done);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}
