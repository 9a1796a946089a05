import { MIN_BLOCK_BYTES } from './block-pool.ts';
import type { RequestMemory } from './request-memory.ts';

/** What a request costs beside its bytes, as measured: many tiny ones are mostly this. */
const OVERHEAD_BYTES = 1024;
const MIN_CAPACITY_BYTES = 1024;
/** What was outgrown stays until it is collected, so growing is rare: memory that isn't written to yet is none. */
const GROWTH = 4;
/** Of larger blocks all is reserved at once, of smaller ones somewhat more than is written. */
const LARGE_BYTES = 1024 ** 2;
/** An announced size is believed when this part of it is there: an announcement costs its sender nothing. */
const BELIEVED_PART = 16;

const EMPTY: Buffer = Buffer.alloc(0);

/**
 * The bytes of one request in one block of memory, which grows and is reserved before it is used.
 * Pieces are copied in: a piece is a view of what a socket read at once, so a byte that is kept
 * would keep 64 KiB that nobody has counted.
 */
export class RequestBuffer {
  readonly #memory: RequestMemory;
  readonly #maxBytes: number;
  #bytes: Buffer = EMPTY;
  /** The block is of the pool, and not somebody's who gave it. */
  #isOwn = false;
  #size = 0;
  #reserved = 0;
  /** The size up to which the block may be written: its memory is reserved. */
  #granted = 0;

  /** @param maxBytes what its user puts into it at most: no memory is taken beyond */
  constructor(memory: RequestMemory, maxBytes: number) {
    this.#memory = memory;
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

  /** Takes bytes as they are, without copying them. False when there is no memory for them. */
  adopt(bytes: Buffer): boolean {
    if (!this.reserve(bytes.length + OVERHEAD_BYTES)) return false;
    this.#bytes = bytes;
    this.#size = this.#granted = bytes.length;
    return true;
  }

  /**
   * Copies a piece behind what is there. False when there is no memory for it.
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
    if (size > this.#granted && !this.#extend(size, expected)) return false;
    this.#size = size;
    return true;
  }

  /** Takes memory that goes with the bytes from that of all. */
  reserve(bytes: number): boolean {
    if (!this.#memory.reserve(bytes)) return false;
    this.#reserved += bytes;
    return true;
  }

  /** Gives everything back. Nothing may read the contents any more: the next request is written there. */
  release(): void {
    if (this.#isOwn) this.#memory.blocks.giveBack(this.#bytes);
    this.abandon();
  }

  /** Gives everything back while something may still read the contents. */
  abandon(): void {
    this.#memory.release(this.#reserved);
    this.#reserved = 0;
    this.#bytes = EMPTY;
    this.#isOwn = false;
    this.#size = this.#granted = 0;
  }

  #extend(size: number, expected: number): boolean {
    const capacity = size > this.#bytes.length ? this.#capacityFor(size, expected) : this.#bytes.length;
    const ahead = size + (size >>> 4) + MIN_CAPACITY_BYTES;
    // No block is smaller, and one that was used before takes all of it.
    const granted = capacity >= LARGE_BYTES ? capacity : Math.max(MIN_BLOCK_BYTES, Math.min(ahead, capacity));
    const overhead = this.#reserved === 0 ? OVERHEAD_BYTES : 0;
    if (!this.reserve(granted - this.#granted + overhead)) return false;
    this.#granted = granted;
    if (capacity > this.#bytes.length) this.#enlarge(capacity);
    return true;
  }

  #capacityFor(size: number, expected: number): number {
    const believed = expected >= size && expected <= size * BELIEVED_PART;
    const wanted = believed ? expected : Math.max(GROWTH * size, MIN_CAPACITY_BYTES);
    return Math.max(size, Math.min(wanted, this.#maxBytes));
  }

  #enlarge(capacity: number): void {
    const block = this.#takeUsed(capacity) ?? this.#memory.blocks.make(capacity);
    this.#bytes.copy(block, 0, 0, this.#size);
    if (this.#isOwn) this.#memory.blocks.giveBack(this.#bytes);
    this.#bytes = block;
    this.#isOwn = true;
  }

  /** A block that was used before is memory as a whole, however little of it is written to now. */
  #takeUsed(capacity: number): Buffer | undefined {
    const { blocks } = this.#memory;
    const block = blocks.take(capacity);
    if (!block) return undefined;
    if (this.reserve(block.length - this.#granted)) {
      this.#granted = block.length;
      return block;
    }
    blocks.giveBack(block);
    return undefined;
  }
}
