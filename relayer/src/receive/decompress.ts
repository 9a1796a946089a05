import { createGunzip, createInflate, gunzipSync, inflateSync } from 'node:zlib';
import type { RequestBuffer } from './request-buffer.ts';

/** Compressed requests up to this size are inflated at once: a thread costs more than the work. */
const SYNC_BELOW_BYTES = 16 * 1024;
const PIECE_BYTES = 64 * 1024;
/** What inflating in pieces holds beside the result: zlib's state, and a piece on each side of it. */
const STATE_BYTES = 192 * 1024;

export type Encoding = 'gzip' | 'deflate';

export interface DecompressOptions {
  readonly encoding: Encoding;
  /** Takes the result. Its memory is asked for before it is used. */
  readonly into: RequestBuffer;
  readonly maxBytes: number;
  /** False when nobody waits for the result any more. */
  readonly wanted: () => boolean;
}

type Inflated = 'inflated' | 'too_large' | 'invalid' | 'no_memory';

/**
 * Decompresses to at most `maxBytes`; it stops there, so that a small request can't fill the memory,
 * nor can many small ones at once: what is inflated is reserved piece by piece. `done` may be called
 * before this returns.
 */
export function decompress(bytes: Buffer, options: DecompressOptions, done: (result: Inflated) => void): void {
  if (bytes.length > SYNC_BELOW_BYTES) return inflateInPieces(bytes, options, done);
  const { encoding, into, maxBytes } = options;
  let result: Inflated;
  try {
    // zlib takes 0 as "no limit".
    const inflated = (encoding === 'gzip' ? gunzipSync : inflateSync)(bytes, {
      maxOutputLength: Math.max(1, maxBytes),
    });
    result = into.adopt(inflated) ? 'inflated' : 'no_memory';
  } catch (error) {
    result = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'invalid';
  }
  done(result);
}

/** What waits until the one that is being inflated has ended. */
const waiting: (() => void)[] = [];
let isRunning = false;

/**
 * One after the other: they use the processor all the same, but what each has so far is memory, also
 * what it has outgrown, and when it runs out all of them have worked for nothing. None can stall, for
 * all of its bytes are there.
 */
function inflateInPieces(bytes: Buffer, options: DecompressOptions, done: (result: Inflated) => void): void {
  const start = (): void =>
    runInPieces(bytes, options, (result) => {
      done(result);
      const next = waiting.shift();
      if (next) setImmediate(next);
      else isRunning = false;
    });
  if (isRunning) return void waiting.push(start);
  isRunning = true;
  start();
}

function runInPieces(
  bytes: Buffer,
  { encoding, into, maxBytes, wanted }: DecompressOptions,
  done: (result: Inflated) => void,
): void {
  if (!wanted() || !into.reserve(STATE_BYTES)) return done('no_memory');
  const stream = (encoding === 'gzip' ? createGunzip : createInflate)({ chunkSize: PIECE_BYTES });
  let ended = false;
  const end = (result: Inflated): void => {
    if (ended) return;
    ended = true;
    stream.destroy();
    done(result);
  };
  stream.on('data', (piece: Buffer) => {
    if (into.size + piece.length > maxBytes) return end('too_large');
    if (!wanted() || !into.push(piece, 0)) end('no_memory');
  });
  stream.on('error', () => end('invalid'));
  stream.on('end', () => end('inflated'));
  stream.end(bytes);
}
