/** A block has 2^n bytes, from the smallest that is worth keeping. */
const MIN_POWER = 12;
const MAX_POWER = 20;
const MAX_KEPT_BYTES = 4 * 1024 ** 2;

export const MIN_BLOCK_BYTES: number = 2 ** MIN_POWER;

/**
 * Memory for the bytes of requests, used again. A block for each request would be garbage outside
 * the heap, which V8 collects with a full collection at a time.
 */
export class BlockPool {
  readonly #free: Buffer[][] = Array.from({ length: MAX_POWER + 1 }, () => []);
  #keptBytes = 0;

  /** At least `bytes` long; what is in it is of an earlier request. */
  take(bytes: number): Buffer {
    const power = Math.max(MIN_POWER, 32 - Math.clz32(bytes - 1));
    // Not from the pool of small buffers: a slice of that would keep all of its 8 KiB.
    if (power > MAX_POWER) return Buffer.allocUnsafeSlow(bytes);
    const block = this.#free[power]?.pop();
    if (!block) return Buffer.allocUnsafeSlow(2 ** power);
    this.#keptBytes -= block.length;
    return block;
  }

  /** Nothing may read or write the block any more. Blocks of another origin are not kept. */
  giveBack(block: Buffer): void {
    const power = 31 - Math.clz32(block.length);
    const fits = block.length === 2 ** power && power >= MIN_POWER && power <= MAX_POWER;
    if (!fits || block.buffer.byteLength !== block.length) return;
    if (this.#keptBytes + block.length > MAX_KEPT_BYTES) return;
    this.#keptBytes += block.length;
    this.#free[power]?.push(block);
  }
}
