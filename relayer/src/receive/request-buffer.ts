/** The memory that all requests in flight share. */
export interface MemoryBudget {
  /** False when there is no more. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

/** What a request costs beside its bytes: many tiny ones are mostly this. */
const OVERHEAD_BYTES = 512;
const MIN_CAPACITY_BYTES = 1024;
/** An announced size is believed when this part of it is there: an announcement costs its sender nothing. */
const BELIEVED_PART = 16;

const EMPTY: Buffer = Buffer.alloc(0);

/**
 * The bytes of one request in one piece of memory, which grows and is taken from the budget before
 * it is used. Pieces are copied in: a piece is a view of what a socket read at once, so a byte that
 * is kept would keep 64 KiB that nobody has counted.
 */
export class RequestBuffer {
  readonly #budget: MemoryBudget;
  readonly #maxBytes: number;
  #bytes: Buffer = EMPTY;
  #size = 0;
  #reserved = 0;

  /** @param maxBytes what its user puts into it at most: no memory is taken beyond */
  constructor(budget: MemoryBudget, maxBytes: number) {
    this.#budget = budget;
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#size;
  }

  /** Valid until more is written. */
  get contents(): Buffer {
    return this.#bytes.subarray(0, this.#size);
  }

  /** The memory itself. Other memory after the next `grow`. */
  get memory(): Buffer {
    return this.#bytes;
  }

  /** Takes bytes as they are, without copying them. False when the budget does not have them. */
  adopt(bytes: Buffer): boolean {
    if (!this.reserve(bytes.length + OVERHEAD_BYTES)) return false;
    this.#bytes = bytes;
    this.#size = bytes.length;
    return true;
  }

  /**
   * Copies a piece behind what is there. False when the budget does not have the memory.
   * @param expected the announced size of the whole, 0 when unknown
   */
  push(piece: Buffer, expected: number): boolean {
    const at = this.#size;
    if (!this.grow(at + piece.length, expected)) return false;
    piece.copy(this.#bytes, at);
    return true;
  }

  /** Makes the contents `size` bytes long; what is new in them has yet to be written. */
  grow(size: number, expected = 0): boolean {
    if (size > this.#bytes.length && !this.#enlarge(size, expected)) return false;
    this.#size = size;
    return true;
  }

  /** Takes memory that goes with the bytes from the budget. */
  reserve(bytes: number): boolean {
    if (!this.#budget.reserve(bytes)) return false;
    this.#reserved += bytes;
    return true;
  }

  /** Gives everything back. */
  release(): void {
    this.#budget.release(this.#reserved);
    this.#reserved = 0;
    this.#bytes = EMPTY;
    this.#size = 0;
  }

  #enlarge(size: number, expected: number): boolean {
    const believed = expected >= size && expected <= size * BELIEVED_PART;
    const doubled = Math.min(Math.max(2 * size, MIN_CAPACITY_BYTES), Math.max(size, this.#maxBytes));
    const capacity = believed ? expected : doubled;
    const overhead = this.#reserved === 0 ? OVERHEAD_BYTES : 0;
    if (!this.reserve(capacity - this.#bytes.length + overhead)) return false;
    // Not from the pool of small buffers: a slice of that would keep all of its 8 KiB.
    const memory = Buffer.allocUnsafeSlow(capacity);
    this.#bytes.copy(memory, 0, 0, this.#size);
    this.#bytes = memory;
    return true;
  }
}
