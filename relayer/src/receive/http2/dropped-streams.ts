import { LIMITS } from './limits.ts';

/** Streams that we ended while the other side was still sending: what comes of them is dropped. */
export class DroppedStreams {
  readonly #ids = new Set<number>();

  has(id: number): boolean {
    return this.#ids.has(id);
  }

  add(id: number): void {
    this.#ids.add(id);
    if (this.#ids.size <= LIMITS.droppedStreams) return;
    for (const oldest of this.#ids) return void this.#ids.delete(oldest);
  }

  /** The other side has ended it, too. */
  delete(id: number): void {
    this.#ids.delete(id);
  }
}
