import { ERROR, FLAG } from './frame.ts';
import { LIMITS } from './limits.ts';

/** What ends a connection: the code for the other side, and words for whoever reads it. */
export interface ConnectionError {
  readonly code: number;
  readonly message: string;
}

/** The header block of one request or of its trailers, put together from HEADERS and CONTINUATION frames. */
export class HeaderBlock {
  readonly stream: number;
  readonly endsStream: boolean;
  readonly #parts: Buffer[] = [];
  #bytes = 0;

  private constructor(stream: number, flags: number) {
    this.stream = stream;
    this.endsStream = (flags & FLAG.endStream) !== 0;
  }

  /** Begins with a HEADERS frame: the block, and its first part without padding and priority. */
  static begin(flags: number, id: number, payload: Buffer): { block: HeaderBlock; part: Buffer } | ConnectionError {
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
    return { block: new HeaderBlock(id, flags), part: payload.subarray(start, end) };
  }

  /** Adds a part: the whole block with the last one, else undefined. */
  add(flags: number, part: Buffer): Buffer | ConnectionError | undefined {
    this.#bytes += part.length;
    if (this.#bytes > LIMITS.headerBlockBytes || this.#parts.length > LIMITS.headerBlockParts)
      return { code: ERROR.enhanceYourCalm, message: 'the header block is too large' };
    if (flags & FLAG.endHeaders) return this.#parts.length === 0 ? part : Buffer.concat([...this.#parts, part]);
    this.#parts.push(Buffer.from(part));
    return undefined;
  }
}
