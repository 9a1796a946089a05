import { BlockPool } from './block-pool.ts';

/** The memory that all requests in flight share: counted, not held, but for a few blocks that are used again. */
export class RequestMemory {
  readonly blocks = new BlockPool();
  readonly #maxBytes: number;
  #reserved = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** False when there is no more. */
  reserve(bytes: number): boolean {
    if (this.#reserved + bytes > this.#maxBytes) return false;
    this.#reserved += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#reserved -= bytes;
  }
}
