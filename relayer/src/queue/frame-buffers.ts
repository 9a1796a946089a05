/** Buffers for this many bytes are kept; larger frames are rare and made anew. */
const BUFFER_BYTES = 640 * 1024;
const MAX_KEPT = 8;

/**
 * Buffers for the contents of frames, used again once a frame is acknowledged. Without it each
 * half a megabyte that is sent would be garbage of its own, which V8 collects late.
 *
 * The WebSocket layer copies a payload of 64 KiB or more to offset 14 of a new buffer while it
 * masks it, 2 behind a multiple of 4. It can do that four bytes at a time if ours is placed alike.
 */
export class FrameBuffers {
  readonly #free: ArrayBuffer[] = [];

  take(length: number): Buffer {
    const offset = length >= 65_536 ? 2 : 0;
    const size = length + offset;
    const memory =
      size <= BUFFER_BYTES && size > BUFFER_BYTES / 8 ? (this.#free.pop() ?? new ArrayBuffer(BUFFER_BYTES)) : undefined;
    return memory ? Buffer.from(memory, offset, length) : Buffer.allocUnsafeSlow(size).subarray(offset);
  }

  /** Nothing may read the buffer any more. */
  giveBack(buffer: Buffer): void {
    if (buffer.buffer.byteLength === BUFFER_BYTES && this.#free.length < MAX_KEPT)
      this.#free.push(buffer.buffer as ArrayBuffer);
  }
}
