import { ERROR, FLAG } from './frame.ts';
import { HpackDecoder, type RequestHeaders } from './hpack-decoder.ts';
import { LIMITS } from './limits.ts';

/** What ends a connection: the code for the other side, and words for whoever reads it. */
export interface ConnectionError {
  readonly code: number;
  readonly message: string;
}

type Read = RequestHeaders | ConnectionError | undefined;

/**
 * Reads the header blocks of one connection: those of requests and of trailers. A block is mostly
 * one HEADERS frame; else CONTINUATION frames follow, and nothing else may.
 */
export class HeaderReader {
  readonly #hpack = new HpackDecoder();
  #parts: Buffer[] = [];
  #bytes = 0;
  /** The stream whose block is incomplete; 0 when none is. */
  pending = 0;
  /** Whether the stream of the last block ends with it. */
  endsStream = false;

  /** A HEADERS frame: the headers, or undefined when more is to come. */
  begin(flags: number, id: number, payload: Buffer): Read {
    if (id === 0 || id % 2 === 0) return { code: ERROR.protocol, message: 'HEADERS on an impossible stream' };
    let start = 0;
    let end = payload.length;
    if (flags & FLAG.padded) {
      start = 1;
      end -= payload[0] ?? 0;
    }
    if (flags & FLAG.priority) {
      if (payload.length >= start + 5 && (payload.readUInt32BE(start) & 0x7fffffff) === id)
        return { code: ERROR.protocol, message: 'a stream that depends on itself' };
      start += 5;
    }
    if (start > end) return { code: ERROR.protocol, message: 'more padding than payload' };
    this.endsStream = (flags & FLAG.endStream) !== 0;
    this.#bytes = 0;
    this.pending = id;
    return this.add(flags, payload.subarray(start, end));
  }

  /** A CONTINUATION frame of the block. */
  add(flags: number, part: Buffer): Read {
    this.#bytes += part.length;
    if (this.#bytes > LIMITS.headerBlockBytes || this.#parts.length > LIMITS.headerBlockParts)
      return { code: ERROR.enhanceYourCalm, message: 'the header block is too large' };
    if (!(flags & FLAG.endHeaders)) {
      this.#parts.push(Buffer.from(part));
      return undefined;
    }
    const block = this.#parts.length === 0 ? part : Buffer.concat([...this.#parts, part]);
    if (this.#parts.length > 0) this.#parts = [];
    this.pending = 0;
    return this.#hpack.decode(block) ?? { code: ERROR.compression, message: 'a malformed header block' };
  }
}
