import type { Encoding } from './decompress.ts';
import { GRPC } from './grpc-status.ts';
import type { RequestReceiver } from './http2/stream.ts';
import type { Intake, Refusal } from './intake.ts';
import { RequestBody } from './request-body.ts';

const PREFIX_BYTES = 5;

/**
 * Puts one length-prefixed gRPC message together from the chunks of a stream:
 * `compressed u8 │ length u32 big-endian │ message`. The length is checked before the message is
 * read, and again while it is decompressed.
 */
export class GrpcMessage extends RequestBody implements RequestReceiver {
  readonly #encoding: string | undefined;
  /** Bytes of prefix and message, known once the prefix is there. */
  #expected = 0;

  constructor(intake: Intake, encoding: string | undefined, done: (result: Buffer | Refusal) => void) {
    super(intake, PREFIX_BYTES + intake.maxRequestBytes, done);
    this.#encoding = encoding;
  }

  onData(chunk: Buffer, last: boolean): void {
    if (this.finished) return;
    const received = this.buffer.size + chunk.length;
    // A chunk is valid until we return, and what is compressed is read later.
    const whole = last && received === chunk.length && chunk[0] === 0;
    if (this.#expected > 0) {
      if (received > this.#expected) return this.#finishTooLong();
      return this.append(chunk, this.#expected, whole);
    }
    const announced = chunk.length >= PREFIX_BYTES && received === chunk.length ? chunk.readUInt32BE(1) : 0;
    this.append(chunk, PREFIX_BYTES + Math.min(announced, this.intake.maxRequestBytes), whole);
    if (received >= PREFIX_BYTES && !this.finished) this.#readPrefix();
  }

  onEnd(): void {
    if (this.finished) return;
    const bytes = this.buffer.contents;
    if (this.#expected === 0 || bytes.length < this.#expected)
      return this.finish({ kind: 'invalid', message: 'the message is incomplete' });
    const message = bytes.subarray(PREFIX_BYTES);
    if (bytes[0] === 0) return this.finish(message);
    this.inflate(message, this.#encoding as Encoding);
  }

  onAbort(): void {
    this.abort();
  }

  #readPrefix(): void {
    const prefix = this.buffer.memory;
    const length = prefix.readUInt32BE(1);
    const compressed = prefix[0] as number;
    if (compressed > 1) return this.finish({ kind: 'invalid', message: 'not a gRPC message' });
    if (length > this.intake.maxRequestBytes) return this.finish(this.intake.tooLarge());
    if (compressed === 1 && !isEncoding(this.#encoding)) return this.finish(refusalOf(this.#encoding));
    this.#expected = PREFIX_BYTES + length;
    if (this.buffer.size > this.#expected) this.#finishTooLong();
  }

  #finishTooLong(): void {
    this.finish({ kind: 'invalid', message: 'more than one message in a unary call' });
  }
}

function isEncoding(encoding: string | undefined): encoding is Encoding {
  return encoding === 'gzip' || encoding === 'deflate';
}

/** The specification tells "compressed, but nothing says how" from "not a way that we know". */
function refusalOf(encoding: string | undefined): Refusal {
  if (encoding === undefined || encoding === 'identity')
    return { kind: 'invalid', grpcCode: GRPC.internal, message: 'compressed, but grpc-encoding does not say how' };
  return { kind: 'unsupported', message: 'compression is gzip or deflate' };
}
