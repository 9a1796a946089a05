import { gunzip, gunzipSync, inflate, inflateSync } from 'node:zlib';

/** Compressed requests up to this size are inflated at once: a thread costs more than the work. */
const SYNC_BELOW_BYTES = 16 * 1024;

export type Encoding = 'gzip' | 'deflate';

type Inflated = Buffer | 'too_large' | 'invalid';

/**
 * Decompresses to at most `maxBytes`; it stops there, so that a small request can't fill the memory.
 * `done` may be called before this returns.
 */
export function decompress(
  bytes: Buffer,
  encoding: Encoding,
  maxBytes: number,
  done: (result: Inflated) => void,
): void {
  // zlib takes 0 as "no limit" and more than this not at all.
  const options = { maxOutputLength: Math.max(1, maxBytes) };
  if (bytes.length > SYNC_BELOW_BYTES) {
    const inflateAsync = encoding === 'gzip' ? gunzip : inflate;
    inflateAsync(bytes, options, (error, result) => done(error ? problem(error) : result));
    return;
  }
  let result: Inflated;
  try {
    result = (encoding === 'gzip' ? gunzipSync : inflateSync)(bytes, options);
  } catch (error) {
    result = problem(error as NodeJS.ErrnoException);
  }
  done(result);
}

function problem(error: NodeJS.ErrnoException): 'too_large' | 'invalid' {
  return error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'invalid';
}
