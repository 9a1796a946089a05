import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Signal } from '../protocol/signal.ts';
import { isMissing, readFully, syncDirectory, writeFully, type Disk } from './disk.ts';
import {
  decodeSegmentHeader,
  encodeRecordHeader,
  encodeSegmentHeader,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
} from './record-format.ts';

export interface DeadLettersOptions {
  readonly directory: string;
  readonly disk: Disk;
  readonly salt: number;
  /** Bound of both files together. */
  readonly maxBytes: number;
  readonly fsync: boolean;
}

/**
 * `dead-letters` holds what was given up, in the layout of a segment file. When it holds half of
 * what is allowed it becomes `dead-letters.1`, in place of an earlier one: the newest are kept.
 * Nothing is ever rewritten, so that a crash costs at most the letter that was being added. A file
 * keeps the salt it began with: that of the queue is another one after its cursor was lost.
 */
export class DeadLetters {
  readonly #options: DeadLettersOptions;
  readonly #path: string;
  readonly #olderPath: string;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
    this.#path = join(options.directory, 'dead-letters');
    this.#olderPath = `${this.#path}.1`;
  }

  /** False for a request that is larger by itself than all that is allowed. */
  takes(payloadBytes: number): boolean {
    return SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES + payloadBytes <= this.#options.maxBytes;
  }

  /** Returns when the request is in the file; throws when it can't be written, or is larger than all that is allowed. */
  add(signal: Signal, items: number, payload: Buffer): void {
    const { disk, fsync, directory } = this.#options;
    const bytes = RECORD_HEADER_BYTES + payload.length;
    if (!this.takes(payload.length)) throw new Error('larger than all dead letters may be');
    const found = this.#foundSalt();
    const size = this.#makeRoom(bytes, found !== undefined);
    const isNew = size < SEGMENT_HEADER_BYTES;
    const salt = isNew || found === undefined ? this.#options.salt : found;
    const at = isNew ? SEGMENT_HEADER_BYTES : size;
    const head = Buffer.alloc(RECORD_HEADER_BYTES);
    const header = { length: payload.length, items, signal, receivedAtMs: Date.now(), payloadCrc: crc32(payload) };
    encodeRecordHeader(head, 0, salt, header);
    const fd = disk.openSync(this.#path, isNew ? 'w' : 'r+', 0o600);
    try {
      if (isNew) writeFully(disk, fd, encodeSegmentHeader(salt, 0), 0);
      writeFully(disk, fd, head, at);
      writeFully(disk, fd, payload, at + RECORD_HEADER_BYTES);
      if (fsync) disk.fsyncSync(fd);
    } catch (error) {
      disk.ftruncateSync(fd, isNew ? 0 : size);
      throw error;
    } finally {
      disk.closeSync(fd);
    }
    if (fsync && isNew) syncDirectory(disk, directory);
  }

  /** The salt of the file's header; undefined when there is no file, or its header is damaged. */
  #foundSalt(): number | undefined {
    const { disk } = this.#options;
    if (isMissing(disk, this.#path)) return undefined;
    const fd = disk.openSync(this.#path, 'r');
    try {
      return decodeSegmentHeader(readFully(disk, fd, 0, SEGMENT_HEADER_BYTES))?.salt;
    } finally {
      disk.closeSync(fd);
    }
  }

  /** @returns the size of the file that `bytes` are to be added to; 0 when it is to be made anew */
  #makeRoom(bytes: number, isSound: boolean): number {
    const { disk, maxBytes } = this.#options;
    let size = this.#size(this.#path);
    if (!isSound && size <= SEGMENT_HEADER_BYTES) size = 0;
    if (size > SEGMENT_HEADER_BYTES && (!isSound || size + bytes > maxBytes / 2)) {
      disk.renameSync(this.#path, this.#olderPath);
      size = 0;
    }
    const older = this.#size(this.#olderPath);
    if (older > 0 && Math.max(size, SEGMENT_HEADER_BYTES) + bytes + older > maxBytes) disk.unlinkSync(this.#olderPath);
    return size;
  }

  #size(path: string): number {
    const { disk } = this.#options;
    return isMissing(disk, path) ? 0 : disk.statSync(path).size;
  }
}
