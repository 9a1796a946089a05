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
  #isHeld = false;

  /** A window that nobody reads: the newest again, if it holds no record. */
  next(): Buffer {
    const newest = this.#used.at(-1);
    if (newest && !this.#isHeld) return newest;
    this.#isHeld = false;
    const window = this.#free.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES);
    this.#used.push(window);
    return window;
  }

  /** A record that was handed out lies in the newest window: until `forget` it is not read into. */
  hold(): void {
    this.#isHeld = true;
  }

  /** The records that lie in the windows are used no more. The newest is kept as it is: the next record is looked for in it. */
  forget(): void {
    this.#isHeld = false;
    if (this.#used.length < 2) return;
    const newest = this.#used.pop() as Buffer;
    this.#free = [...this.#free, ...this.#used].slice(0, MAX_KEPT);
    this.#used = [newest];
  }
}
