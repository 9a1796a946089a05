import { crc32 } from 'node:zlib';
import type { Signal } from '../protocol/signal.ts';
import { writeFully, type Disk } from './disk.ts';
import { encodeRecordHeader, encodeSegmentHeader, RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES } from './record-format.ts';
import type { Segments } from './segments.ts';

/** A request on its way into the queue. */
export interface NewRecord {
  readonly signal: Signal;
  readonly items: number;
  readonly payload: Buffer;
}

/** Where a batch was written: the records follow each other from `offset` on. */
export interface Written {
  readonly segment: number;
  readonly offset: number;
}

/** Payloads up to this size are copied together: one buffer costs less than many in `writev`. */
const COPY_BELOW_BYTES = 8_192;

/**
 * Appends to the newest segment. A segment of an earlier process is never appended to: its end may
 * be torn, and looking for that would mean reading it.
 */
export class SegmentWriter {
  readonly #segments: Segments;
  readonly #disk: Disk;
  readonly #salt: number;
  readonly #segmentBytes: number;
  readonly #fsync: boolean;
  /** Descriptors that an fsync on another thread still uses. */
  readonly #retired: number[] = [];
  #syncs = 0;
  #number: number;
  #fd = -1;
  #offset = 0;
  #headers = Buffer.alloc(64 * 1024);

  constructor(options: { segments: Segments; disk: Disk; salt: number; segmentBytes: number; firstNumber: number; fsync: boolean }) {
    this.#segments = options.segments;
    this.#disk = options.disk;
    this.#salt = options.salt;
    this.#segmentBytes = options.segmentBytes;
    this.#fsync = options.fsync;
    this.#number = options.firstNumber - 1;
    this.#rotate();
  }

  get segment(): number {
    return this.#number;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Returns when all records are in the file; throws when none of them is. */
  append(records: readonly NewRecord[], receivedAtMs: number): Written {
    let bytes = 0;
    for (const record of records) bytes += RECORD_HEADER_BYTES + record.payload.length;
    if (this.#offset > SEGMENT_HEADER_BYTES && this.#offset + bytes > this.#segmentBytes) this.#rotateIfPossible();
    if (this.#fd < 0) this.#rotate();
    const offset = this.#offset;
    try {
      this.#write(this.#gather(records, receivedAtMs), bytes);
    } catch (error) {
      this.#undo();
      throw error;
    }
    this.#offset += bytes;
    this.#segments.setSize(this.#number, this.#offset);
    return { segment: this.#number, offset };
  }

  /** Calls back when everything appended so far is on the device. */
  sync(done: (error: Error | null) => void): void {
    this.#syncs++;
    this.#disk.fsync(this.#fd, (error) => {
      this.#syncs--;
      if (this.#syncs === 0) for (const fd of this.#retired.splice(0)) this.#disk.closeSync(fd);
      done(error);
    });
  }

  close(): void {
    if (this.#fd < 0) return;
    if (this.#syncs > 0) this.#retired.push(this.#fd);
    else this.#disk.closeSync(this.#fd);
    this.#fd = -1;
  }

  #gather(records: readonly NewRecord[], receivedAtMs: number): Buffer[] {
    const slab = this.#slab(records);
    const chunks: Buffer[] = [];
    let from = 0;
    let to = 0;
    for (const { signal, items, payload } of records) {
      encodeRecordHeader(slab, to, this.#salt, { length: payload.length, items, signal, receivedAtMs, payloadCrc: crc32(payload) });
      to += RECORD_HEADER_BYTES;
      if (payload.length <= COPY_BELOW_BYTES) {
        payload.copy(slab, to);
        to += payload.length;
        continue;
      }
      chunks.push(slab.subarray(from, to), payload);
      from = to;
    }
    if (to > from) chunks.push(slab.subarray(from, to));
    return chunks;
  }

  /** Room for all headers and all payloads that are copied. */
  #slab(records: readonly NewRecord[]): Buffer {
    let bytes = 0;
    for (const { payload } of records) {
      bytes += RECORD_HEADER_BYTES + (payload.length <= COPY_BELOW_BYTES ? payload.length : 0);
    }
    if (this.#headers.length < bytes) this.#headers = Buffer.alloc(Math.max(bytes, 2 * this.#headers.length));
    return this.#headers;
  }

  #write(chunks: Buffer[], bytes: number): void {
    const only = chunks.length === 1 ? chunks[0] : undefined;
    if (only) return writeFully(this.#disk, this.#fd, only, this.#offset);
    const written = this.#disk.writevSync(this.#fd, chunks, this.#offset);
    // A short write nearly always means a full disk; the second try then says so.
    if (written < bytes) writeFully(this.#disk, this.#fd, Buffer.concat(chunks).subarray(written), this.#offset + written);
  }

  /** Takes back what a failed write left. If that fails too, the segment ends here, torn. */
  #undo(): void {
    try {
      this.#disk.ftruncateSync(this.#fd, this.#offset);
    } catch {
      this.close();
    }
  }

  #rotateIfPossible(): void {
    try {
      this.#rotate();
    } catch {
      // No descriptor or no space for a new file: the old one just grows on.
    }
  }

  #rotate(): void {
    const number = this.#number + 1;
    const fd = this.#disk.openSync(this.#segments.path(number), 'w');
    try {
      writeFully(this.#disk, fd, encodeSegmentHeader(this.#salt, number), 0);
    } catch (error) {
      this.#disk.closeSync(fd);
      throw error;
    }
    // What was written to the old segment since its last fsync is covered by no later one.
    if (this.#fsync && this.#fd >= 0) this.#disk.fsyncSync(this.#fd);
    this.close();
    this.#fd = fd;
    this.#number = number;
    this.#offset = SEGMENT_HEADER_BYTES;
    this.#segments.setSize(number, SEGMENT_HEADER_BYTES);
  }
}
