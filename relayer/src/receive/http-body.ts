import type { IncomingMessage } from 'node:http';
import { decompress, type Encoding } from './decompress.ts';
import type { Intake, Outcome } from './intake.ts';

type Refusal = Exclude<Outcome, { kind: 'accepted' }>;

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
  const reader = new BodyReader(request, intake, done);
  const refusal = reader.refusalByHeaders();
  if (refusal) return done(refusal);
  request.on('data', (chunk: Buffer) => reader.onData(chunk));
  request.on('end', () => reader.onEnd());
  request.on('close', () => request.complete || reader.onAbort());
}

class BodyReader {
  readonly #request: IncomingMessage;
  readonly #intake: Intake;
  readonly #done: (result: Body | Refusal) => void;
  readonly #encoding: string;
  #chunks: Buffer[] = [];
  #received = 0;
  #reserved = 0;
  #finished = false;

  constructor(request: IncomingMessage, intake: Intake, done: (result: Body | Refusal) => void) {
    this.#request = request;
    this.#intake = intake;
    this.#done = done;
    this.#encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  }

  refusalByHeaders(): Refusal | undefined {
    const announced = Number(this.#request.headers['content-length'] ?? 0);
    if (announced > this.#intake.maxRequestBytes) return this.#intake.tooLarge();
    if (['identity', 'gzip', 'deflate'].includes(this.#encoding)) return undefined;
    return { kind: 'unsupported', message: 'content encoding is gzip, deflate or none' };
  }

  onData(chunk: Buffer): void {
    if (this.#finished || !this.#reserve(chunk.length)) return;
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    if (this.#received > this.#intake.maxRequestBytes) this.#finish(this.#intake.tooLarge());
  }

  onEnd(): void {
    if (this.#finished) return;
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks, this.#received);
    if (this.#encoding === 'identity') return this.#finish(bytes);
    decompress(bytes, this.#encoding as Encoding, this.#intake.maxRequestBytes, (result) => {
      if (result === 'too_large') return this.#finish(this.#intake.tooLarge());
      if (result === 'invalid') return this.#finish({ kind: 'invalid', message: 'the compressed data is damaged' });
      if (!this.#finished && this.#reserve(result.length)) this.#finish(result);
    });
  }

  /** The sender is gone; nothing is reported any more. */
  onAbort(): void {
    this.#finished = true;
    this.#chunks = [];
    this.#release();
  }

  #reserve(bytes: number): boolean {
    if (!this.#intake.reserve(bytes)) {
      this.#finish(this.#intake.unavailable('too many requests at once'));
      return false;
    }
    this.#reserved += bytes;
    return true;
  }

  #release(): void {
    this.#intake.release(this.#reserved);
    this.#reserved = 0;
  }

  #finish(result: Buffer | Refusal): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#chunks = [];
    if (Buffer.isBuffer(result)) return this.#done({ bytes: result, release: () => this.#release() });
    this.#release();
    this.#done(result);
  }
}
