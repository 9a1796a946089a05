import type { IncomingMessage } from 'node:http';
import { decompress } from './decompress.ts';
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
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  let chunks: Buffer[] = [];
  let received = 0;
  let reserved = 0;
  let finished = false;
  const release = (): void => {
    intake.release(reserved);
    reserved = 0;
  };
  const finish = (result: Buffer | Refusal): void => {
    if (finished) return;
    finished = true;
    chunks = [];
    if (Buffer.isBuffer(result)) return done({ bytes: result, release });
    release();
    done(result);
  };
  const reserve = (bytes: number): boolean => {
    if (intake.reserve(bytes)) {
      reserved += bytes;
      return true;
    }
    finish(intake.unavailable('too many requests at once'));
    return false;
  };
  if (Number(request.headers['content-length'] ?? 0) > intake.maxRequestBytes) return finish(intake.tooLarge());
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== 'deflate') {
    return finish({ kind: 'unsupported', message: 'content encoding is gzip, deflate or none' });
  }
  request.on('data', (chunk: Buffer) => {
    if (finished || !reserve(chunk.length)) return;
    chunks.push(chunk);
    received += chunk.length;
    if (received > intake.maxRequestBytes) finish(intake.tooLarge());
  });
  request.on('end', () => {
    if (finished) return;
    const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, received);
    if (encoding === 'identity') return finish(bytes);
    decompress(bytes, encoding, intake.maxRequestBytes, (result) => {
      if (result === 'too_large') return finish(intake.tooLarge());
      if (result === 'invalid') return finish({ kind: 'invalid', message: 'the compressed data is damaged' });
      if (!finished && reserve(result.length)) finish(result);
    });
  });
  request.on('close', () => {
    if (request.complete) return;
    finished = true;
    chunks = [];
    release();
  });
}
