/** Segment files are read in pieces of this size. */
export const READ_BYTES: number = 512 * 1024;

/** The records of a frame lie in three windows at most, unless it has a large one, which is read by itself. */
const MAX_KEPT = 3;

/**
 * Memory that segment files are read into, used again. Half a megabyte of garbage for each piece
 * would cost more than reading it.
 */
export class ReadWindows {
  #free: Buffer[] = [];
  #used: Buffer[] = [];

  /** A window that nobody reads. */
  next(): Buffer {
    const window = this.#free.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES);
    this.#used.push(window);
    return window;
  }

  /** Nobody reads what lies in the windows any more, but for the newest: the next record is looked for in it. */
  forget(): void {
    if (this.#used.length < 2) return;
    const newest = this.#used.pop() as Buffer;
    this.#free = [...this.#free, ...this.#used].slice(0, MAX_KEPT);
    this.#used = [newest];
  }
}
