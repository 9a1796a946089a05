import type { Signal } from '../protocol/signal.ts';
import { errorCodeOf } from '../errors.ts';
import { syncDirectory, writeFully, type Disk } from './disk.ts';
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES } from './record-format.ts';
import type { Segments } from './segments.ts';

/** A request on its way into the queue. */
export interface NewRecord {
  readonly signal: Signal;
  readonly items: number;
  readonly payload: Buffer;
}

/** Where bytes were written. */
export interface Written {
  readonly segment: number;
  readonly offset: number;
}

export interface SegmentWriterOptions {
  readonly segments: Segments;
  readonly directory: string;
  readonly disk: Disk;
  readonly salt: number;
  /** A new segment is begun rather than growing one beyond this. */
  readonly segmentBytes: number;
  readonly firstNumber: number;
  readonly fsync: boolean;
}

const NOTHING = Buffer.alloc(0);

/** The cursor has 32 bits for an offset: what lies behind could not be cut. */
const MAX_OFFSET = 2 ** 32 - 1;

/** Files that are called like the next segment and aren't one: so many are stepped over. */
const MAX_SKIPPED = 1000;

/**
 * Appends to the newest segment. A segment of an earlier process is never appended to: its end may
 * be torn, and looking for that would mean reading it. A segment's file is made with its first
 * record, so that starting needs no space and leaves nothing behind.
 */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  readonly #disk: Disk;
  #number: number;
  /** -1 until the segment has a file. */
  #fd = -1;
  #offset = SEGMENT_HEADER_BYTES;
  /** Its end is torn and could not be cut off: nothing more is appended to it. */
  #isTorn = false;
  /** Descriptors that an fsync on another thread still uses. */
  readonly #retired: number[] = [];
  #syncs = 0;
  /** Of an fsync since `sync` was called last: the one that runs may not hear of it. */
  #syncFailure: Error | null = null;

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
    this.#disk = options.disk;
    this.#number = options.firstNumber;
  }

  /** The segment that is appended to; it may not have a file yet. */
  get segment(): number {
    return this.#number;
  }

  get offset(): number {
    return this.#offset;
  }

  /**
   * Writes whole records, given as their bytes in one or two pieces. Returns when all are in the
   * file; throws when none is.
   */
  append(bytes: Buffer, rest: Buffer = NOTHING): Written {
    const length = bytes.length + rest.length;
    if (this.#fd < 0 || this.#isTorn) this.#begin();
    else if (this.#offset > SEGMENT_HEADER_BYTES && this.#offset + length > this.#options.segmentBytes)
      this.#beginIfPossible(length);
    const offset = this.#offset;
    try {
      writeFully(this.#disk, this.#fd, bytes, offset);
      writeFully(this.#disk, this.#fd, rest, offset + bytes.length);
    } catch (error) {
      this.#undo();
      throw error;
    }
    this.#offset += length;
    this.#options.segments.setSize(this.#number, this.#offset);
    return { segment: this.#number, offset };
  }

  /** Calls back when everything appended so far is on the device. */
  sync(done: (error: Error | null) => void): void {
    // Without a file: what was written before is synced, or was delivered and deleted.
    if (this.#fd < 0) return void setImmediate(() => done(null));
    this.#syncs++;
    this.#syncFailure = null;
    this.#disk.fsync(this.#fd, (error) => {
      this.#syncs--;
      if (this.#syncs === 0) for (const fd of this.#retired.splice(0)) this.#disk.closeSync(fd);
      done(error ?? this.#syncFailure);
    });
  }

  /** Ends a segment whose records are settled, so that it can be deleted. */
  finish(): void {
    if (this.#fd < 0) return;
    this.close();
    this.#number++;
    this.#offset = SEGMENT_HEADER_BYTES;
  }

  close(): void {
    if (this.#fd < 0) return;
    if (this.#syncs > 0) this.#retired.push(this.#fd);
    else this.#disk.closeSync(this.#fd);
    this.#fd = -1;
    this.#isTorn = false;
  }

  /** Takes back what a failed write left. If that fails too, the segment ends here. */
  #undo(): void {
    try {
      this.#disk.ftruncateSync(this.#fd, this.#offset);
    } catch {
      this.#isTorn = true;
    }
  }

  #beginIfPossible(length: number): void {
    try {
      this.#begin();
    } catch (error) {
      // No descriptor or no space for a new file: the old one just grows on.
      if (this.#offset + length > MAX_OFFSET) throw error;
    }
  }

  /** Makes the next segment's file and leaves the one before it. */
  #begin(): void {
    const { segments, fsync } = this.#options;
    // What was written to the old segment since its last fsync is covered by no later one.
    if (fsync && this.#fd >= 0) this.#syncNow();
    const { fd, number } = this.#create(this.#fd < 0 ? this.#number : this.#number + 1);
    this.close();
    this.#fd = fd;
    this.#number = number;
    this.#offset = SEGMENT_HEADER_BYTES;
    segments.setSize(number, SEGMENT_HEADER_BYTES);
  }

  #syncNow(): void {
    try {
      this.#disk.fsyncSync(this.#fd);
    } catch (error) {
      this.#syncFailure = error as Error;
      throw error;
    }
  }

  #create(first: number): { readonly fd: number; readonly number: number } {
    const { segments, salt, fsync, directory } = this.#options;
    for (let number = first; ; number++) {
      let fd = -1;
      try {
        fd = this.#disk.openSync(segments.path(number), 'wx', 0o600);
        writeFully(this.#disk, fd, encodeSegmentHeader(salt, number), 0);
        if (fsync) syncDirectory(this.#disk, directory);
        return { fd, number };
      } catch (error) {
        if (fd >= 0) this.#remove(fd, number);
        if (errorCodeOf(error) !== 'EEXIST' || number - first >= MAX_SKIPPED) throw error;
      }
    }
  }

  #remove(fd: number, number: number): void {
    this.#disk.closeSync(fd);
    try {
      this.#disk.unlinkSync(this.#options.segments.path(number));
    } catch {
      // It stays as an empty file that the next one steps over.
    }
  }
}
