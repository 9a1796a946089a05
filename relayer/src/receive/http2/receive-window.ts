import { encodeFrame, FRAME, uint32 } from './frame.ts';
import { LIMITS } from './limits.ts';
import type { ServerStream } from './stream.ts';

/** How much DATA the other side may still send; contents are used up as they come. */
export class ReceiveWindow {
  #left = LIMITS.connectionWindowBytes;

  /** Counts what a DATA frame announces; false when that is more than the other side may send. */
  take(stream: ServerStream | undefined, bytes: number): boolean {
    this.#left -= bytes;
    if (stream) stream.receiveWindow -= bytes;
    return this.#left >= 0 && (!stream || stream.receiveWindow >= 0);
  }

  /** Gives windows back in large steps. @param stream undefined when nothing more comes on it */
  giveBack(stream: ServerStream | undefined, write: (frame: Buffer) => void): void {
    if (this.#left < LIMITS.connectionWindowBytes / 2) {
      write(windowUpdate(0, LIMITS.connectionWindowBytes - this.#left));
      this.#left = LIMITS.connectionWindowBytes;
    }
    if (!stream || stream.receiveWindow >= LIMITS.streamWindowBytes / 2) return;
    write(windowUpdate(stream.id, LIMITS.streamWindowBytes - stream.receiveWindow));
    stream.receiveWindow = LIMITS.streamWindowBytes;
  }
}

function windowUpdate(stream: number, bytes: number): Buffer {
  return encodeFrame(FRAME.windowUpdate, 0, stream, uint32(bytes));
}
