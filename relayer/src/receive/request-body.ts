import { decompress, type Encoding } from './decompress.ts';
import type { Intake, Refusal } from './intake.ts';
import { RequestBuffer } from './request-buffer.ts';

/**
 * What gRPC and HTTP have in common in receiving a request: puts its pieces together, inflates
 * them, and keeps to the limit of one request and to the memory of all. `done` is called once, or
 * never after `abort`; what it got is valid until `release`.
 */
export class RequestBody {
  protected readonly intake: Intake;
  readonly #done: (result: Buffer | Refusal) => void;
  #buffer: RequestBuffer;
  #finished = false;

  /** @param maxBytes of what arrives */
  constructor(intake: Intake, maxBytes: number, done: (result: Buffer | Refusal) => void) {
    this.intake = intake;
    this.#done = done;
    this.#buffer = new RequestBuffer(intake.memory, maxBytes);
  }

  /** Gives back the memory that the request held. */
  release(): void {
    this.#buffer.release();
  }

  /** The sender is gone; nothing is reported any more. */
  abort(): void {
    this.#finished = true;
    // Another thread may be inflating it.
    this.#buffer.abandon();
  }

  protected get finished(): boolean {
    return this.#finished;
  }

  /** What has arrived. */
  protected get buffer(): RequestBuffer {
    return this.#buffer;
  }

  /** @param whole nothing came before this piece and nothing follows: it is used where it lies */
  protected append(piece: Buffer, expected: number, whole: boolean): void {
    if (whole ? this.#buffer.adopt(piece) : this.#buffer.push(piece, expected)) return;
    this.finish(this.intake.unavailable('too many requests at once'));
  }

  /** Inflates the bytes, which are what has arrived or a part of it, and is done with the result. */
  protected inflate(bytes: Buffer, encoding: Encoding): void {
    const inflated = new RequestBuffer(this.intake.memory, this.intake.maxRequestBytes);
    const options = {
      encoding,
      into: inflated,
      maxBytes: this.intake.maxRequestBytes,
      wanted: () => !this.#finished,
    };
    decompress(bytes, options, (result) => {
      if (this.#finished) return inflated.release();
      // What is compressed is needed no more.
      this.#buffer.release();
      this.#buffer = inflated;
      switch (result) {
        case 'inflated':
          return this.finish(inflated.contents);
        case 'too_large':
          return this.finish(this.intake.tooLarge());
        case 'no_memory':
          return this.finish(this.intake.unavailable('too many requests at once'));
        case 'invalid':
          return this.finish({ kind: 'invalid', message: 'the compressed data is damaged' });
      }
    });
  }

  protected finish(result: Buffer | Refusal): void {
    if (this.#finished) return;
    this.#finished = true;
    if (!Buffer.isBuffer(result)) this.release();
    this.#done(result);
  }
}
