/** Memory before each buffer that whoever sends it may write to: the head of a WebSocket frame takes 14 bytes. */
export const HEADROOM_BYTES = 16;

/** Buffers for this many bytes are kept; larger frames are rare and made anew. */
const BUFFER_BYTES = 640 * 1024;
const MAX_KEPT = 8;

/**
 * Buffers for the contents of frames, used again once a frame is acknowledged. Without it each
 * half a megabyte that is sent would be garbage of its own, which V8 collects late. They begin at
 * multiples of 4, so that they can be masked four bytes at a time.
 */
export class FrameBuffers {
  readonly #free: ArrayBuffer[] = [];

  take(length: number): Buffer {
    const size = HEADROOM_BYTES + length;
    const memory =
      size <= BUFFER_BYTES && size > BUFFER_BYTES / 8 ? (this.#free.pop() ?? new ArrayBuffer(BUFFER_BYTES)) : undefined;
    return memory ? Buffer.from(memory, HEADROOM_BYTES, length) : Buffer.allocUnsafeSlow(size).subarray(HEADROOM_BYTES);
  }

  /** Nothing may read the buffer any more. */
  giveBack(buffer: Buffer): void {
    if (buffer.buffer.byteLength === BUFFER_BYTES && this.#free.length < MAX_KEPT)
      this.#free.push(buffer.buffer as ArrayBuffer);
  }
}
