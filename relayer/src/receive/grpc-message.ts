import { decompress, type Encoding } from './decompress.ts';
import type { RequestReceiver } from './http2/stream.ts';
import { PIECE_OVERHEAD_BYTES, type Intake, type Outcome } from './intake.ts';

type Refusal = Exclude<Outcome, { kind: 'accepted' }>;

const PREFIX_BYTES = 5;

/**
 * Puts one length-prefixed gRPC message together from the chunks of a stream:
 * `compressed u8 │ length u32 big-endian │ message`. The length is checked before the message is
 * read, and again while it is decompressed.
 */
export class GrpcMessage implements RequestReceiver {
  readonly #intake: Intake;
  readonly #encoding: string | undefined;
  readonly #done: (result: Buffer | Refusal) => void;
  #chunks: Buffer[] = [];
  #received = 0;
  /** Bytes of prefix and message, known once the prefix is there. */
  #expected = 0;
  #reserved = 0;
  #finished = false;

  constructor(intake: Intake, encoding: string | undefined, done: (result: Buffer | Refusal) => void) {
    this.#intake = intake;
    this.#encoding = encoding;
    this.#done = done;
  }

  onData(chunk: Buffer): void {
    // What has arrived is counted, not what is announced: an announcement costs its sender nothing.
    if (this.#finished || !this.#reserve(chunk.length + PIECE_OVERHEAD_BYTES)) return;
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    if (this.#expected === 0 && this.#received >= PREFIX_BYTES) this.#readPrefix();
    if (!this.#finished && this.#expected > 0 && this.#received > this.#expected) {
      this.#finish({ kind: 'invalid', message: 'more than one message in a unary call' });
    }
  }

  onEnd(): void {
    if (this.#finished) return;
    if (this.#expected === 0 || this.#received < this.#expected) {
      return this.#finish({ kind: 'invalid', message: 'the message is incomplete' });
    }
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks, this.#received);
    this.#chunks = [];
    if (bytes[0] === 0) return this.#finish(bytes.subarray(PREFIX_BYTES));
    this.#inflate(bytes.subarray(PREFIX_BYTES));
  }

  /** Nothing is reported any more. */
  onAbort(): void {
    this.#finished = true;
    this.#chunks = [];
    this.release();
  }

  /** Gives back the memory that was reserved. */
  release(): void {
    this.#intake.release(this.#reserved);
    this.#reserved = 0;
  }

  #readPrefix(): void {
    const first = this.#chunks[0] as Buffer;
    const prefix = first.length >= PREFIX_BYTES ? first : Buffer.concat(this.#chunks);
    const length = prefix.readUInt32BE(1);
    if ((prefix[0] as number) > 1) return this.#finish({ kind: 'invalid', message: 'not a gRPC message' });
    if (length > this.#intake.maxRequestBytes) return this.#finish(this.#intake.tooLarge());
    if (prefix[0] === 1 && !isEncoding(this.#encoding)) {
      return this.#finish({ kind: 'unsupported', message: 'compression is gzip or deflate' });
    }
    this.#expected = PREFIX_BYTES + length;
  }

  #inflate(bytes: Buffer): void {
    const options = {
      encoding: this.#encoding as Encoding,
      maxBytes: this.#intake.maxRequestBytes,
      reserve: (size: number) => !this.#finished && this.#reserve(size),
    };
    decompress(bytes, options, (result) => {
      if (this.#finished || result === 'stopped') return;
      if (result === 'too_large') return this.#finish(this.#intake.tooLarge());
      if (result === 'invalid') return this.#finish({ kind: 'invalid', message: 'the compressed data is damaged' });
      this.#finish(result);
    });
  }

  #reserve(bytes: number): boolean {
    if (!this.#intake.reserve(bytes)) {
      this.#finish(this.#intake.unavailable('too many requests at once'));
      return false;
    }
    this.#reserved += bytes;
    return true;
  }

  #finish(result: Buffer | Refusal): void {
    this.#finished = true;
    this.#chunks = [];
    if (!Buffer.isBuffer(result)) this.release();
    this.#done(result);
  }
}

function isEncoding(encoding: string | undefined): encoding is Encoding {
  return encoding === 'gzip' || encoding === 'deflate';
}
