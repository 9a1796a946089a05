const NOTHING = Buffer.alloc(0);

/**
 * A reader of protobuf's wire format over bytes nobody has checked. Nothing throws: a malformed
 * tag, length or field is -1 (or false), so that the per-request path has no exception handling.
 */
export class WireReader {
  bytes: Buffer = NOTHING;
  at = 0;

  reset(bytes: Buffer): void {
    this.bytes = bytes;
    this.at = 0;
  }

  /** For a reader that lives on: lets go of the bytes, of which there may be 64 MiB. */
  release(): void {
    this.bytes = NOTHING;
  }

  /** A varint below 2^31 (tags and lengths), or -1. */
  varint(end: number): number {
    const { bytes } = this;
    let at = this.at;
    if (at >= end) return -1;
    let byte = bytes[at++] as number;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (at >= end || shift > 28) return -1;
      byte = bytes[at++] as number;
      if (shift === 28 && byte > 7) return -1;
      value |= (byte & 0x7f) << shift;
    }
    this.at = at;
    return value;
  }

  /** The length of a length-delimited field that lies within `end`, or -1. */
  length(end: number): number {
    const length = this.varint(end);
    return length > end - this.at ? -1 : length;
  }

  /** Moves behind a field whose tag was just read. */
  skip(wireType: number, end: number): boolean {
    switch (wireType) {
      case 0:
        return this.#skipLongVarint(end);
      case 1:
        this.at += 8;
        return this.at <= end;
      case 2: {
        const length = this.length(end);
        this.at += length;
        return length >= 0;
      }
      case 5:
        this.at += 4;
        return this.at <= end;
      // Groups are not part of proto3, and 6 and 7 don't exist.
      default:
        return false;
    }
  }

  #skipLongVarint(end: number): boolean {
    for (let i = 0; i < 10 && this.at < end; i++) {
      if ((this.bytes[this.at++] as number) < 0x80) return true;
    }
    return false;
  }
}

/** Bytes a varint takes. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

/** Tag and length of a length-delimited field of `length` bytes, with a field number below 16. */
export function fieldHead(field: number, length: number): Buffer {
  const head = Buffer.allocUnsafe(1 + varintSize(length));
  writeFieldHead(head, 0, field, length);
  return head;
}

/** Writes the same at `at` and returns where the field's bytes begin. */
export function writeFieldHead(target: Buffer, at: number, field: number, length: number): number {
  let next = at;
  target[next++] = (field << 3) | 2;
  let rest = length;
  for (; rest >= 0x80; rest >>>= 7) target[next++] = (rest & 0x7f) | 0x80;
  target[next++] = rest;
  return next;
}
