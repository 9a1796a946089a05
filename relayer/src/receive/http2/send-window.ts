import { SUCCESS_DATA_BYTES } from './answers.ts';
import { DEFAULT_WINDOW_BYTES, MAX_WINDOW_BYTES } from './limits.ts';
import type { ServerStream } from './stream.ts';

/** How much DATA the other side takes, and the successes that wait until it takes more. */
export class SendWindow {
  #connection = DEFAULT_WINDOW_BYTES;
  #initial = DEFAULT_WINDOW_BYTES;
  #waiting: ServerStream[] = [];

  /** Takes the bytes of a success; false, and the stream waits, when there aren't as many. */
  take(stream: ServerStream): boolean {
    if (this.#connection >= SUCCESS_DATA_BYTES && this.#initial + stream.sendWindowExtra >= SUCCESS_DATA_BYTES) {
      this.#connection -= SUCCESS_DATA_BYTES;
      return true;
    }
    stream.blockedAt = Math.min(stream.blockedAt, performance.now());
    this.#waiting.push(stream);
    return false;
  }

  /** The streams that wait. Those that can't be answered yet are to be taken again. */
  waiting(): readonly ServerStream[] {
    const waiting = this.#waiting;
    if (waiting.length > 0) this.#waiting = [];
    return waiting;
  }

  /** For streams without a window of their own. */
  setInitial(bytes: number): void {
    this.#initial = bytes;
  }

  /** False when the window is larger than HTTP/2 has. */
  enlarge(bytes: number): boolean {
    this.#connection += bytes;
    return this.#connection <= MAX_WINDOW_BYTES;
  }

  /** False when the window is larger than HTTP/2 has. */
  enlargeStream(stream: ServerStream, bytes: number): boolean {
    stream.sendWindowExtra += bytes;
    return stream.sendWindowExtra + this.#initial <= MAX_WINDOW_BYTES;
  }
}
