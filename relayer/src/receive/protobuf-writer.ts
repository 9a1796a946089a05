import { varintSize } from '../protocol/wire.ts';
import type { RequestBuffer } from './request-buffer.ts';

/** Thrown when the budget, or the limit of one request, does not allow another byte. */
export class NoRoom extends Error {
  readonly why: 'too_large' | 'no_memory';

  constructor(why: 'too_large' | 'no_memory') {
    super(why);
    this.why = why;
  }
}

const UNICODE_REPLACEMENT = 0xfffd;

/** Where a nested message began. */
interface Mark {
  readonly start: number;
  /** Bytes left free before it for its length. */
  readonly room: number;
}

/** Writes protobuf into the memory of a request. A nested message is written first, then its length. */
export class ProtobufWriter {
  readonly #buffer: RequestBuffer;
  readonly #maxBytes: number;

  constructor(buffer: RequestBuffer, maxBytes: number) {
    this.#buffer = buffer;
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#buffer.size;
  }

  tag(number: number, wireType: number): void {
    this.varint((number << 3) | wireType);
  }

  /** @param value an integer from 0 to 2^53 - 1 */
  varint(value: number): void {
    if (value < 0x80) return this.byte(value);
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 0x80);
    this.byte(rest);
  }

  /** As 64 bits; a negative one has ten bytes. */
  bigVarint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    for (; rest >= 0x80n; rest >>= 7n) this.byte(Number(rest & 0x7fn) | 0x80);
    this.byte(Number(rest));
  }

  fixed32(value: number): void {
    const at = this.#extend(4);
    this.#buffer.memory.writeUInt32LE(value, at);
  }

  fixed64(value: bigint): void {
    const at = this.#extend(8);
    this.#buffer.memory.writeBigUInt64LE(BigInt.asUintN(64, value), at);
  }

  double(value: number): void {
    const at = this.#extend(8);
    this.#buffer.memory.writeDoubleLE(value, at);
  }

  byte(value: number): void {
    const at = this.#extend(1);
    this.#buffer.memory[at] = value;
  }

  copy(source: Buffer, start: number, end: number): void {
    let at = this.#extend(end - start);
    const { memory } = this.#buffer;
    // A call costs more than copying a few bytes.
    if (end - start > 24) source.copy(memory, at, start, end);
    else for (let i = start; i < end; i++) memory[at++] = source[i] as number;
  }

  /** A character in UTF-8; half of a surrogate pair is none and becomes U+FFFD. */
  character(code: number): void {
    const valid = code >= 0xd800 && code <= 0xdfff ? UNICODE_REPLACEMENT : code;
    const bytes = Buffer.from(String.fromCodePoint(valid));
    this.copy(bytes, 0, bytes.length);
  }

  /** Begins a length-delimited field. @param expected its size, if known: saves moving it later */
  open(number: number, expected = 0): Mark {
    this.tag(number, 2);
    const room = varintSize(expected);
    this.#extend(room);
    return { start: this.#buffer.size, room };
  }

  /** Ends it: writes the length before it. */
  close({ start, room }: Mark): void {
    const length = this.#buffer.size - start;
    const size = varintSize(length);
    if (size > room) this.#extend(size - room);
    const { memory } = this.#buffer;
    if (size !== room) memory.copyWithin(start - room + size, start, start + length);
    if (size < room) this.truncate(this.#buffer.size - (room - size));
    let at = start - room;
    let rest = length;
    for (; rest >= 0x80; rest >>>= 7) memory[at++] = (rest & 0x7f) | 0x80;
    memory[at] = rest;
  }

  /** What was written from `start` on, to be changed in place. */
  written(start: number): Buffer {
    return this.#buffer.contents.subarray(start);
  }

  /** Takes back what lies behind `size`. */
  truncate(size: number): void {
    this.#buffer.grow(size);
  }

  #extend(bytes: number): number {
    const at = this.#buffer.size;
    if (at + bytes > this.#maxBytes) throw new NoRoom('too_large');
    if (!this.#buffer.grow(at + bytes)) throw new NoRoom('no_memory');
    return at;
  }
}
