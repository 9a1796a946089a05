import { crc32 } from 'node:zlib';
import { errorCodeOf } from '../errors.ts';
import { isShortage, readFully, type Disk } from './disk.ts';
import type { Position } from './position.ts';
import type { ReadPatience } from './read-patience.ts';
import { READ_BYTES, ReadWindows } from './read-windows.ts';
import {
  decodeRecordHeader,
  decodeSegmentHeader,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
  type RecordHeader,
} from './record-format.ts';
import type { Segments } from './segments.ts';

/** A record as it was offered. */
export interface StoredRecord {
  readonly header: Pick<RecordHeader, 'signal' | 'items' | 'receivedAtMs'>;
  readonly payload: Buffer;
  /** Where the next record is looked for. */
  readonly next: Position;
}

/** What was skipped, up to `end`. Records are counted as far as they can be told apart. */
export interface Damage {
  readonly records: number;
  readonly bytes: number;
  readonly end: Position;
}

export type DamageListener = (damage: Damage) => void;

/** What can't be read is found out in blocks of this size. */
const BLOCK_BYTES = 4096;
/** Opening fails like this for good; otherwise the device may come back. */
const GONE = ['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ELOOP'];

/**
 * Reads records one after the other from the segment files. Damage never stops it: it goes on with
 * the next sound record, in the same segment if there is one. Blocks that can't be read are damage
 * when the patience with their segment is at its end.
 */
export class SegmentReader {
  readonly #segments: Segments;
  readonly #disk: Disk;
  readonly #salt: number;
  readonly #patience: ReadPatience;
  #number = -1;
  #fd = -1;
  /** The salt of the open segment: that of its header if it is sound, else the queue's. */
  #segmentSalt = 0;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;
  readonly #windows = new ReadWindows();

  constructor(options: {
    readonly segments: Segments;
    readonly disk: Disk;
    readonly salt: number;
    readonly patience: ReadPatience;
  }) {
    this.#segments = options.segments;
    this.#disk = options.disk;
    this.#salt = options.salt;
    this.#patience = options.patience;
  }

  /**
   * The first sound record at or after `position`; undefined when there is none yet. It is valid until
   * `forget`. Throws when a file can't be opened for want of descriptors, or can't be read just now:
   * that passes, and isn't damage.
   */
  read(position: Position, onDamage: DamageListener): StoredRecord | undefined {
    let { segment, offset } = position;
    for (;;) {
      const isMore = offset < (this.#segments.size(segment) ?? 0);
      const record = isMore && this.#open(segment, offset, onDamage) && this.#readIn(segment, offset, onDamage);
      if (record) return record;
      const next = this.#segments.after(segment);
      if (next === undefined) return undefined;
      segment = next;
      offset = SEGMENT_HEADER_BYTES;
    }
  }

  /** The records that were read so far are used no more: their memory is read into again. */
  forget(): void {
    this.#windows.forget();
  }

  /** Closes a file that was deleted: as long as it is open, its space isn't free. */
  closeDeleted(): void {
    if (this.#segments.size(this.#number) === undefined) this.close();
  }

  close(): void {
    if (this.#fd >= 0) this.#disk.closeSync(this.#fd);
    this.#fd = -1;
    this.#number = -1;
    this.#window = Buffer.alloc(0);
  }

  /** @param offset what lies before it is not missed, if the file is gone */
  #open(number: number, offset: number, onDamage: DamageListener): boolean {
    if (this.#number === number) return true;
    const size = this.#segments.size(number);
    if (size === undefined) return false;
    this.close();
    this.#patience.check(number);
    try {
      this.#fd = this.#disk.openSync(this.#segments.path(number), 'r');
    } catch (error) {
      if (isShortage(error)) throw error;
      if (!GONE.includes(errorCodeOf(error)) && !this.#patience.failed(number, error)) throw error;
      const missed = offset > SEGMENT_HEADER_BYTES ? size - offset : size;
      onDamage({ records: 1, bytes: missed, end: { segment: number, offset: size, unit: 0 } });
      // Nobody will be able to read it later either.
      this.#segments.setSize(number, 0);
      return false;
    }
    this.#number = number;
    this.#segmentSalt = decodeSegmentHeader(this.#readAt(0, SEGMENT_HEADER_BYTES))?.salt ?? this.#salt;
    return true;
  }

  #readIn(segment: number, start: number, onDamage: DamageListener): StoredRecord | undefined {
    const end = this.#segments.size(segment) ?? 0;
    let offset = Math.max(start, SEGMENT_HEADER_BYTES);
    while (offset < end) {
      const headerBytes = this.#bytes(offset, RECORD_HEADER_BYTES, end);
      const header = decodeRecordHeader(headerBytes, 0, this.#segmentSalt);
      if (!header) {
        const found = this.#findHeader(offset + 1, end);
        onDamage({ records: 1, bytes: found - offset, end: { segment, offset: found, unit: 0 } });
        offset = found;
        continue;
      }
      const next = offset + RECORD_HEADER_BYTES + header.length;
      const payload = next <= end ? this.#bytes(offset + RECORD_HEADER_BYTES, header.length, end) : undefined;
      if (payload?.length === header.length && crc32(payload) === header.payloadCrc) {
        this.#windows.hold();
        return { header, payload, next: { segment, offset: next, unit: 0 } };
      }
      // A header that promises more than there is: the rest was cut off.
      const damagedTo = Math.min(next, end);
      onDamage({ records: 1, bytes: damagedTo - offset, end: { segment, offset: damagedTo, unit: 0 } });
      offset = damagedTo;
    }
    return undefined;
  }

  /** The offset of the next sound record header, or `end`. */
  #findHeader(from: number, end: number): number {
    const marker = Buffer.alloc(4);
    marker.writeUInt32LE(this.#segmentSalt);
    // Not a window: the headers that are looked at below may need another one.
    const memory = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, Math.max(0, end - from)));
    for (let offset = from; offset < end;) {
      const bytes = this.#readAt(offset, Math.min(READ_BYTES, end - offset), memory);
      for (let i = bytes.indexOf(marker); i >= 0; i = bytes.indexOf(marker, i + 1)) {
        const header = this.#bytes(offset + i, RECORD_HEADER_BYTES, end);
        if (decodeRecordHeader(header, 0, this.#segmentSalt)) return offset + i;
      }
      if (bytes.length < RECORD_HEADER_BYTES) break;
      // A marker may lie across two windows.
      offset += bytes.length - marker.length + 1;
    }
    return end;
  }

  /** Bytes of the open segment; fewer than asked for at its end. Valid until the next call, those of a record until `forget`. */
  #bytes(offset: number, length: number, end: number): Buffer {
    const wanted = Math.max(0, Math.min(length, end - offset));
    const at = offset - this.#windowAt;
    if (at >= 0 && at + wanted <= this.#window.length) return this.#window.subarray(at, at + wanted);
    // A large payload is its record's alone: as the window it would stay in memory.
    if (wanted > READ_BYTES) return this.#readAt(offset, wanted);
    this.#window = this.#readAt(offset, Math.min(READ_BYTES, end - offset), this.#windows.next());
    this.#windowAt = offset;
    return this.#window.subarray(0, wanted);
  }

  #readAt(offset: number, length: number, into?: Buffer): Buffer {
    try {
      return readFully(this.#disk, this.#fd, offset, length, into);
    } catch (error) {
      if (this.#patience.failed(this.#number, error)) return this.#readBlocks(offset, length);
      // Opened anew for the next attempt: half open, its salt could be another segment's.
      this.close();
      throw error;
    }
  }

  /** Zeros stand for what can't be read; the check sums tell them from data. */
  #readBlocks(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const size = Math.min(BLOCK_BYTES - ((offset + done) % BLOCK_BYTES), length - done);
      try {
        const block = readFully(this.#disk, this.#fd, offset + done, size);
        block.copy(bytes, done);
        if (block.length < size) return bytes.subarray(0, done + block.length);
      } catch {
        // Stays zero.
      }
      done += size;
    }
    return bytes;
  }
}
