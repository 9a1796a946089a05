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

  /** A new block, at least `bytes` long. */
  make(bytes: number): Buffer {
    const power = powerFor(bytes);
    // Not from the pool of small buffers: a slice of that would keep all of its 8 KiB.
    return Buffer.allocUnsafeSlow(power > MAX_POWER ? bytes : 2 ** power);
  }

  /** One that is there, as long as `make` makes it; what is in it is of an earlier request. Undefined when there is none. */
  take(bytes: number): Buffer | undefined {
    const block = this.#free[powerFor(bytes)]?.pop();
    this.#keptBytes -= block?.length ?? 0;
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

function powerFor(bytes: number): number {
  return Math.max(MIN_POWER, 32 - Math.clz32(bytes - 1));
}
