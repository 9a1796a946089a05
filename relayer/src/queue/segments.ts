import { join } from 'node:path';
import { errorCodeOf } from '../errors.ts';
import type { Disk } from './disk.ts';
import { SEGMENT_HEADER_BYTES, segmentFileName, segmentNumber } from './record-format.ts';

/** Which segment files exist, and how large they are. */
export class Segments {
  readonly #directory: string;
  readonly #disk: Disk;
  /** In ascending order of number: new ones are only ever added at the end. */
  readonly #sizes = new Map<number, number>();
  #totalBytes = 0;

  /** Lists the directory; it reads no segment, so that a large backlog costs no start-up time. */
  constructor(directory: string, disk: Disk) {
    this.#directory = directory;
    this.#disk = disk;
    const numbers = disk.readdirSync(directory).map(segmentNumber);
    for (const number of numbers.filter((n) => n !== undefined).sort((a, b) => a - b)) {
      this.setSize(number, disk.statSync(this.path(number)).size);
    }
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

  /** Deletes every segment below `number`. A file that can't be deleted is tried again next time. */
  deleteBefore(number: number): void {
    for (const [other, size] of this.#sizes) {
      if (other >= number) return;
      try {
        this.#disk.unlinkSync(this.path(other));
      } catch (error) {
        if (errorCodeOf(error) !== 'ENOENT') return;
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
}
