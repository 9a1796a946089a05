import { join } from 'node:path';
import { errorCodeOf } from '../errors.ts';
import { isShortage, readFully, type Disk } from './disk.ts';
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentFileName, segmentNumber } from './record-format.ts';

/** Numbers follow each other; one that is further away than this has to prove that it is a segment's. */
const MAX_NUMBER_GAP = 1_000_000;

/** Which segment files exist, and how large they are. */
export class Segments {
  readonly #directory: string;
  readonly #disk: Disk;
  /** In ascending order of number: new ones are only ever added at the end. */
  readonly #sizes = new Map<number, number>();
  #totalBytes = 0;
  /** Names of what is called like a segment and isn't one. */
  readonly ignored: readonly string[];

  /**
   * Lists the directory; it reads no segment, so that a large backlog costs no start-up time.
   * @param near the number that the cursor knows, or 0
   */
  constructor(directory: string, disk: Disk, near: number) {
    this.#directory = directory;
    this.#disk = disk;
    const ignored: string[] = [];
    const numbers = disk.readdirSync(directory).map(segmentNumber);
    let before = near;
    for (const number of numbers.filter((n) => n !== undefined).sort((a, b) => a - b)) {
      const size = this.#sizeOfFile(number);
      const isFar = Math.min(Math.abs(number - before), Math.abs(number - near)) > MAX_NUMBER_GAP;
      if (size === undefined || (isFar && !this.#provesItself(number))) {
        ignored.push(segmentFileName(number));
        continue;
      }
      before = number;
      this.setSize(number, size);
    }
    this.ignored = ignored;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  path(number: number): string {
    return join(this.#directory, segmentFileName(number));
  }

  /** Undefined when there is no such segment. */
  size(number: number): number | undefined {
    return this.#sizes.get(number);
  }

  setSize(number: number, size: number): void {
    this.#totalBytes += size - (this.#sizes.get(number) ?? 0);
    this.#sizes.set(number, size);
  }

  first(): number | undefined {
    for (const number of this.#sizes.keys()) return number;
    return undefined;
  }

  last(): number | undefined {
    let last: number | undefined;
    for (const number of this.#sizes.keys()) last = number;
    return last;
  }

  /** The lowest number above `number` that exists. */
  after(number: number): number | undefined {
    // Numbers follow each other; the loop only matters after files were lost.
    if (this.#sizes.has(number + 1)) return number + 1;
    for (const other of this.#sizes.keys()) if (other > number) return other;
    return undefined;
  }

  /** Deletes every segment below `number` but those in `kept`. A file that can't be deleted is tried again next time. */
  deleteBefore(number: number, kept: ReadonlySet<number>): void {
    for (const [other, size] of this.#sizes) {
      if (other >= number) return;
      if (kept.has(other)) continue;
      try {
        this.#disk.unlinkSync(this.path(other));
      } catch (error) {
        if (errorCodeOf(error) !== 'ENOENT') continue;
      }
      this.#sizes.delete(other);
      this.#totalBytes -= size;
    }
  }

  /** Bytes of records from `offset` of `number` to the end of the last segment. */
  bytesFrom(number: number, offset: number): number {
    let sum = 0;
    for (const [other, size] of this.#sizes) {
      if (other === number) sum += Math.max(0, size - offset);
      else if (other > number) sum += Math.max(0, size - SEGMENT_HEADER_BYTES);
    }
    return sum;
  }

  /** Undefined for a directory, a dangling link and the like. */
  #sizeOfFile(number: number): number | undefined {
    try {
      const stats = this.#disk.statSync(this.path(number));
      return stats.isFile() ? stats.size : undefined;
    } catch (error) {
      if (isShortage(error)) throw error;
      return undefined;
    }
  }

  #provesItself(number: number): boolean {
    let fd = -1;
    try {
      fd = this.#disk.openSync(this.path(number), 'r');
      return decodeSegmentHeader(readFully(this.#disk, fd, 0, SEGMENT_HEADER_BYTES))?.number === number;
    } catch (error) {
      if (isShortage(error)) throw error;
      return false;
    } finally {
      if (fd >= 0) this.#disk.closeSync(fd);
    }
  }
}
