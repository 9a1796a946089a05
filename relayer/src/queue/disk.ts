import fs from 'node:fs';
import { errorCodeOf } from '../errors.ts';

/**
 * The calls of the file system that the queue makes, so that a full disk and exhausted descriptors
 * can be tried without one. `test/queue/disk-contract.test.ts` holds the real one and the fake to
 * the same behaviour.
 */
export type Disk = Pick<
  typeof fs,
  | 'closeSync'
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
>;

export const realDisk: Disk = fs;

/** True for want of space or quota. */
export function isFullDisk(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(errorCodeOf(error));
}

/** True for want of space, quota or descriptors: that passes by itself, and says nothing about the data. */
export function isShortage(error: unknown): boolean {
  return isFullDisk(error) || ['EMFILE', 'ENFILE'].includes(errorCodeOf(error));
}

/** True when there is certainly no such file. `existsSync` says so after any failure to look. */
export function isMissing(disk: Disk, path: string): boolean {
  try {
    disk.statSync(path);
    return false;
  } catch (error) {
    return errorCodeOf(error) === 'ENOENT';
  }
}

/** Writes all of `bytes` at `position`; a short write is continued. */
export function writeFully(disk: Disk, fd: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length;) {
    const written = disk.writeSync(fd, bytes, done, bytes.length - done, position + done);
    if (written === 0) throw Object.assign(new Error('ENOSPC: nothing was written'), { code: 'ENOSPC' });
    done += written;
  }
}

/**
 * Reads up to `length` bytes at `position`; fewer only at the end of the file.
 * @param into where to, at least `length` long. Default: memory of its own
 */
export function readFully(
  disk: Disk,
  fd: number,
  position: number,
  length: number,
  into: Buffer = Buffer.allocUnsafeSlow(length),
): Buffer {
  let done = 0;
  while (done < length) {
    const got = disk.readSync(fd, into, done, length - done, position + done);
    if (got === 0) break;
    done += got;
  }
  return into.subarray(0, done);
}

/** Returns when the names of the directory's files are on the device. Not every file system offers that. */
export function syncDirectory(disk: Disk, directory: string): void {
  const fd = disk.openSync(directory, 'r');
  try {
    disk.fsyncSync(fd);
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes(errorCodeOf(error))) throw error;
  } finally {
    disk.closeSync(fd);
  }
}
