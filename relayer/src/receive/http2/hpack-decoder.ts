import { decodeHuffman } from './huffman.ts';
import { LIMITS } from './limits.ts';

/** RFC 7541, Appendix A: name, or name and value. */
const STATIC_TABLE: readonly (readonly [name: string, value: string])[] = `
:authority|:method GET|:method POST|:path /|:path /index.html|:scheme http|:scheme https|:status 200|:status 204|:status 206|:status 304
:status 400|:status 404|:status 500|accept-charset|accept-encoding gzip, deflate|accept-language|accept-ranges|accept|access-control-allow-origin
age|allow|authorization|cache-control|content-disposition|content-encoding|content-language|content-length|content-location|content-range
content-type|cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|last-modified|link
location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|server|set-cookie|strict-transport-security
transfer-encoding|user-agent|vary|via|www-authenticate`
  .trim()
  .split(/[|\n]/)
  .map((entry) => {
    const [name = '', ...value] = entry.split(' ');
    return [name, value.join(' ')] as const;
  });

const ENTRY_OVERHEAD = 32;
const MAX_TABLE_BYTES = 4096;
const NO_BYTES: Buffer = Buffer.alloc(0);
/** Larger blocks are not remembered: a connection that sent one would keep it. */
const MAX_REMEMBERED_BYTES = 2048;

/** The fields of a request that the relayer looks at. */
export interface RequestHeaders {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly contentType: string | undefined;
  readonly encoding: string | undefined;
  readonly contentLength: number | undefined;
  /** Names, values and overhead together exceed the limit. */
  readonly tooLarge: boolean;
  /** It decodes, but RFC 9113 section 8 forbids it as a request. */
  readonly malformed: boolean;
  /** It could be trailers: no pseudo-header, nothing forbidden. */
  readonly validTrailers: boolean;
}

const PSEUDO = new Set([':method', ':scheme', ':path', ':authority']);
/** Fields of HTTP/1 that have no place here. */
const CONNECTION_SPECIFIC = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

/**
 * Decodes the header blocks of one connection (RFC 7541). Senders repeat their headers with every
 * request, so a block that was seen before under an unchanged dynamic table is not decoded again.
 */
export class HpackDecoder {
  #table: (readonly [string, string])[] = [];
  #tableBytes = 0;
  #maxTableBytes = MAX_TABLE_BYTES;
  #lastBlock: Buffer = NO_BYTES;
  #lastHeaders: RequestHeaders | undefined;
  #bytes: Buffer = NO_BYTES;
  #at = 0;

  /** Undefined when the block is malformed: the connection must end with COMPRESSION_ERROR. */
  decode(block: Buffer): RequestHeaders | undefined {
    if (this.#lastHeaders && block.equals(this.#lastBlock)) return this.#lastHeaders;
    const before = this.#table;
    this.#bytes = block;
    this.#at = 0;
    const headers = this.#decodeBlock();
    this.#bytes = NO_BYTES;
    // A block that changed the table means something else the next time.
    if (headers && this.#table === before && block.length <= MAX_REMEMBERED_BYTES) {
      this.#lastBlock = Buffer.from(block);
      this.#lastHeaders = headers;
    } else this.#lastHeaders = undefined;
    return headers;
  }

  #decodeBlock(): RequestHeaders | undefined {
    const fields: (readonly [string, string])[] = [];
    while (this.#at < this.#bytes.length) {
      const first = this.#bytes[this.#at] as number;
      if ((first & 0xe0) === 0x20) {
        if (fields.length > 0 || !this.#resizeTable()) return undefined;
        continue;
      }
      const field = first & 0x80 ? this.#indexed() : this.#literal(first);
      if (!field) return undefined;
      fields.push(field);
    }
    return describeFields(fields);
  }

  #indexed(): readonly [string, string] | undefined {
    const index = this.#integer(7);
    return index > 0 ? this.#entry(index) : undefined;
  }

  /** 01: with incremental indexing; 0000 and 0001: without, and never indexed. */
  #literal(first: number): readonly [string, string] | undefined {
    const indexing = (first & 0xc0) === 0x40;
    const index = this.#integer(indexing ? 6 : 4);
    if (index < 0) return undefined;
    const name = index === 0 ? this.#string() : this.#entry(index)?.[0];
    const value = name === undefined ? undefined : this.#string();
    if (name === undefined || value === undefined) return undefined;
    const field = [name, value] as const;
    if (indexing) this.#insert(field);
    return field;
  }

  #entry(index: number): readonly [string, string] | undefined {
    return index <= STATIC_TABLE.length ? STATIC_TABLE[index - 1] : this.#table[index - STATIC_TABLE.length - 1];
  }

  #insert(field: readonly [string, string]): void {
    this.#table = [field, ...this.#table];
    this.#tableBytes += field[0].length + field[1].length + ENTRY_OVERHEAD;
    this.#evict();
  }

  #resizeTable(): boolean {
    const size = this.#integer(5);
    if (size < 0 || size > MAX_TABLE_BYTES) return false;
    this.#maxTableBytes = size;
    this.#table = [...this.#table];
    this.#evict();
    return true;
  }

  #evict(): void {
    while (this.#tableBytes > this.#maxTableBytes) {
      const last = this.#table.pop();
      if (!last) return;
      this.#tableBytes -= last[0].length + last[1].length + ENTRY_OVERHEAD;
    }
  }

  /** An integer with a prefix of `bits`, or -1. */
  #integer(bits: number): number {
    const mask = (1 << bits) - 1;
    let value = (this.#bytes[this.#at++] as number) & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) return -1;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return -1;
  }

  #string(): string | undefined {
    if (this.#at >= this.#bytes.length) return undefined;
    const huffman = ((this.#bytes[this.#at] as number) & 0x80) !== 0;
    const length = this.#integer(7);
    const start = this.#at;
    if (length < 0 || length > this.#bytes.length - start) return undefined;
    this.#at += length;
    return huffman ? decodeHuffman(this.#bytes, start, this.#at) : this.#bytes.toString('latin1', start, this.#at);
  }
}

/** Picks the wanted fields and holds all of them to the rules for requests. */
function describeFields(fields: readonly (readonly [string, string])[]): RequestHeaders {
  const found = new Map<string, string>();
  let size = 0;
  let forbidden = false;
  let sawRegular = false;
  for (const [name, value] of fields) {
    size += name.length + value.length + ENTRY_OVERHEAD;
    // It is refused for its size. One byte can stand for 4 KiB of a name: looking at all of them costs too much.
    if (size > LIMITS.headerListBytes) break;
    if (name.startsWith(':')) {
      if (sawRegular || !PSEUDO.has(name) || found.has(name)) forbidden = true;
    } else {
      sawRegular = true;
      if (
        CONNECTION_SPECIFIC.has(name) ||
        (name === 'te' && value !== 'trailers') ||
        /[A-Z\s]/.test(name) ||
        name === ''
      )
        forbidden = true;
    }
    found.set(name, value);
  }
  const length = found.get('content-length');
  const hasPseudo = fields.some(([name]) => name.startsWith(':'));
  const incomplete = !found.get(':method') || !found.get(':scheme') || !found.get(':path');
  return {
    method: found.get(':method'),
    path: found.get(':path'),
    contentType: found.get('content-type'),
    encoding: found.get('grpc-encoding'),
    contentLength: length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined,
    tooLarge: size > LIMITS.headerListBytes,
    malformed: forbidden || incomplete || (length !== undefined && !/^\d+$/.test(length)),
    validTrailers: !forbidden && !hasPseudo,
  };
}
