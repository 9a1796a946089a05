import type { IncomingMessage } from 'node:http';
import type { Encoding } from './decompress.ts';
import type { Intake, Refusal } from './intake.ts';
import { RequestBody } from './request-body.ts';

/** The body, and what gives back the memory it was granted. */
export interface Body {
  readonly bytes: Buffer;
  readonly release: () => void;
}

/**
 * Reads and decompresses a request body within the limits. `done` is called once, or never when
 * the sender goes away.
 */
export function readBody(request: IncomingMessage, intake: Intake, done: (result: Body | Refusal) => void): void {
  const reader = new BodyReader(request, intake, (result) =>
    done(Buffer.isBuffer(result) ? { bytes: result, release: () => reader.release() } : result),
  );
  const refusal = reader.refusalByHeaders();
  if (refusal) return done(refusal);
  request.on('data', (chunk: Buffer) => reader.onData(chunk));
  request.on('end', () => reader.onEnd());
  request.on('close', () => request.complete || reader.abort());
}

class BodyReader extends RequestBody {
  /** 0 when it isn't announced. */
  readonly #announced: number;
  readonly #encoding: string;

  constructor({ headers }: IncomingMessage, intake: Intake, done: (result: Buffer | Refusal) => void) {
    super(intake, intake.maxRequestBytes, done);
    this.#announced = Number(headers['content-length'] ?? 0);
    this.#encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  }

  refusalByHeaders(): Refusal | undefined {
    if (this.#announced > this.intake.maxRequestBytes) return this.intake.tooLarge();
    if (['identity', 'gzip', 'deflate'].includes(this.#encoding)) return undefined;
    return { kind: 'unsupported', message: 'content encoding is gzip, deflate or none' };
  }

  onData(chunk: Buffer): void {
    if (this.finished) return;
    const received = this.buffer.size + chunk.length;
    if (received > this.intake.maxRequestBytes) return this.finish(this.intake.tooLarge());
    this.append(chunk, this.#announced, chunk.length === this.#announced);
  }

  onEnd(): void {
    if (this.finished) return;
    const bytes = this.buffer.contents;
    if (this.#encoding === 'identity') return this.finish(bytes);
    this.inflate(bytes, this.#encoding as Encoding);
  }
}
