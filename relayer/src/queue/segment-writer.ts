import type { Signal } from '../protocol/signal.ts';
import { writeFully, type Disk } from './disk.ts';
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
  readonly disk: Disk;
  readonly salt: number;
  /** A new segment is begun rather than growing one beyond this. */
  readonly segmentBytes: number;
  readonly firstNumber: number;
  readonly fsync: boolean;
}

const NOTHING = Buffer.alloc(0);

/**
 * Appends to the newest segment. A segment of an earlier process is never appended to: its end may
 * be torn, and looking for that would mean reading it.
 */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  readonly #disk: Disk;
  #number: number;
  #fd = -1;
  #offset = 0;
  /** Descriptors that an fsync on another thread still uses. */
  readonly #retired: number[] = [];
  #syncs = 0;

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
    this.#disk = options.disk;
    this.#number = options.firstNumber - 1;
    this.#rotate();
  }

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
    const { segmentBytes, segments } = this.#options;
    if (this.#offset > SEGMENT_HEADER_BYTES && this.#offset + length > segmentBytes) this.#rotateIfPossible();
    if (this.#fd < 0) this.#rotate();
    const offset = this.#offset;
    try {
      writeFully(this.#disk, this.#fd, bytes, offset);
      writeFully(this.#disk, this.#fd, rest, offset + bytes.length);
    } catch (error) {
      this.#undo();
      throw error;
    }
    this.#offset += length;
    segments.setSize(this.#number, this.#offset);
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
    const { segments, salt, fsync } = this.#options;
    const number = this.#number + 1;
    const fd = this.#disk.openSync(segments.path(number), 'w', 0o600);
    try {
      writeFully(this.#disk, fd, encodeSegmentHeader(salt, number), 0);
      // What was written to the old segment since its last fsync is covered by no later one.
      if (fsync && this.#fd >= 0) this.#disk.fsyncSync(this.#fd);
    } catch (error) {
      this.#disk.closeSync(fd);
      throw error;
    }
    this.close();
    this.#fd = fd;
    this.#number = number;
    this.#offset = SEGMENT_HEADER_BYTES;
    segments.setSize(number, SEGMENT_HEADER_BYTES);
  }
}
