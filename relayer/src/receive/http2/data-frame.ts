import { FLAG } from './frame.ts';
import type { ServerStream } from './stream.ts';

/** A DATA frame that is arriving in pieces; it tells contents from padding. */
export class DataFrame {
  readonly id: number;
  /** Undefined when the frame belongs to a stream that has ended: its contents are dropped. */
  readonly stream: ServerStream | undefined;
  readonly endsStream: boolean;
  #left: number;
  #padding = 0;
  #padLengthPending: boolean;

  constructor(frame: { id: number; stream: ServerStream | undefined; flags: number; length: number }) {
    this.id = frame.id;
    this.stream = frame.stream;
    this.endsStream = (frame.flags & FLAG.endStream) !== 0;
    this.#left = frame.length;
    this.#padLengthPending = (frame.flags & FLAG.padded) !== 0;
  }

  /** The contents in the next piece of the frame; undefined when the padding is impossible. */
  contents(piece: Buffer): Buffer | undefined {
    this.#left -= piece.length;
    let contents = piece;
    if (this.#padLengthPending && piece.length > 0) {
      this.#padLengthPending = false;
      this.#padding = piece[0] as number;
      contents = piece.subarray(1);
      if (this.#padding > contents.length + this.#left) return undefined;
    }
    // Of what is left of the frame, the padding is the end.
    const useful = Math.min(contents.length, contents.length + this.#left - this.#padding);
    return contents.subarray(0, Math.max(0, useful));
  }
}
