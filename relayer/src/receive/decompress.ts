import { createGunzip, createInflate, gunzipSync, inflateSync } from 'node:zlib';

/** Compressed requests up to this size are inflated at once: a thread costs more than the work. */
const SYNC_BELOW_BYTES = 16 * 1024;
const PIECE_BYTES = 64 * 1024;

export type Encoding = 'gzip' | 'deflate';

export interface DecompressOptions {
  readonly encoding: Encoding;
  readonly maxBytes: number;
  /** Asked for the memory of each piece before it is kept; false ends the work with `stopped`. */
  readonly reserve: (bytes: number) => boolean;
}

type Inflated = Buffer | 'too_large' | 'invalid' | 'stopped';

/**
 * Decompresses to at most `maxBytes`; it stops there, so that a small request can't fill the memory,
 * nor can many small ones at once: what is inflated is reserved piece by piece. `done` may be called
 * before this returns.
 */
export function decompress(bytes: Buffer, options: DecompressOptions, done: (result: Inflated) => void): void {
  if (bytes.length > SYNC_BELOW_BYTES) return inflateInPieces(bytes, options, done);
  const { encoding, maxBytes, reserve } = options;
  let result: Inflated;
  try {
    // zlib takes 0 as "no limit".
    result = (encoding === 'gzip' ? gunzipSync : inflateSync)(bytes, { maxOutputLength: Math.max(1, maxBytes) });
    if (!reserve(result.length)) result = 'stopped';
  } catch (error) {
    result = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'invalid';
  }
  done(result);
}

function inflateInPieces(
  bytes: Buffer,
  { encoding, maxBytes, reserve }: DecompressOptions,
  done: (result: Inflated) => void,
): void {
  const stream = (encoding === 'gzip' ? createGunzip : createInflate)({ chunkSize: PIECE_BYTES });
  const pieces: Buffer[] = [];
  let size = 0;
  let ended = false;
  const end = (result: Inflated): void => {
    if (ended) return;
    ended = true;
    stream.destroy();
    done(result);
  };
  stream.on('data', (piece: Buffer) => {
    size += piece.length;
    if (size > maxBytes) return end('too_large');
    if (!reserve(piece.length)) return end('stopped');
    pieces.push(piece);
  });
  stream.on('error', () => end('invalid'));
  stream.on('end', () => end(Buffer.concat(pieces, size)));
  stream.end(bytes);
}
