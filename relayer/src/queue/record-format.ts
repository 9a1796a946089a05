import { crc32 } from 'node:zlib';
import { SIGNALS, type Signal } from '../protocol/signal.ts';

/*
 * Layout of a segment file `0000000001.segment` (all numbers little-endian):
 *
 *   ┌──────────────────────────── segment header, 32 bytes ─────────────────────────────┐
 *   │ 0 "CRSEG\0\0\1" │ 8 salt u32 │ 12 segment number u32 │ 16 zeros │ 28 CRC of 0..28  │
 *   ├───────────────────────────── record header, 32 bytes ─────────────────────────────┤
 *   │ 0 salt u32 │ 4 length u32 │ 8 items u32 │ 12 signal u8 │ 13 zeros                  │
 *   │ 16 received at, ms, f64   │ 24 CRC of the payload │ 28 CRC of 0..28, seeded by salt │
 *   ├──────────────────────────── payload, `length` bytes ──────────────────────────────┤
 *   │ record header │ payload │ …                                                        │
 *
 * The salt is random per queue directory: after damage the reader looks for the next record
 * header, and telemetry must not be able to contain one.
 */
export const SEGMENT_HEADER_BYTES = 32;
export const RECORD_HEADER_BYTES = 32;
const MAGIC = Buffer.from('CRSEG\0\0\x01', 'latin1');

export interface RecordHeader {
  readonly length: number;
  readonly items: number;
  readonly signal: Signal;
  readonly receivedAtMs: number;
  readonly payloadCrc: number;
}

export function encodeSegmentHeader(salt: number, number: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(salt, 8);
  header.writeUInt32LE(number, 12);
  header.writeUInt32LE(crc32(header.subarray(0, 28)), 28);
  return header;
}

/** Undefined when these are not the bytes of a sound segment header. */
export function decodeSegmentHeader(bytes: Buffer): { readonly salt: number; readonly number: number } | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) return undefined;
  if (crc32(bytes.subarray(0, 28)) !== bytes.readUInt32LE(28)) return undefined;
  return { salt: bytes.readUInt32LE(8), number: bytes.readUInt32LE(12) };
}

/** Writes a record header into `target` at `offset`. */
export function encodeRecordHeader(target: Buffer, offset: number, salt: number, header: RecordHeader): void {
  target.fill(0, offset, offset + RECORD_HEADER_BYTES);
  target.writeUInt32LE(salt, offset);
  target.writeUInt32LE(header.length, offset + 4);
  target.writeUInt32LE(header.items, offset + 8);
  target[offset + 12] = SIGNALS.indexOf(header.signal);
  target.writeDoubleLE(header.receivedAtMs, offset + 16);
  target.writeUInt32LE(header.payloadCrc, offset + 24);
  target.writeUInt32LE(crc32(target.subarray(offset, offset + 28), salt), offset + 28);
}

/** Undefined when there is no sound record header at `offset`. */
export function decodeRecordHeader(bytes: Buffer, offset: number, salt: number): RecordHeader | undefined {
  if (bytes.length - offset < RECORD_HEADER_BYTES || bytes.readUInt32LE(offset) !== salt) return undefined;
  if (crc32(bytes.subarray(offset, offset + 28), salt) !== bytes.readUInt32LE(offset + 28)) return undefined;
  const signal = SIGNALS[bytes[offset + 12] as number];
  if (!signal) return undefined;
  return {
    length: bytes.readUInt32LE(offset + 4),
    items: bytes.readUInt32LE(offset + 8),
    signal,
    receivedAtMs: bytes.readDoubleLE(offset + 16),
    payloadCrc: bytes.readUInt32LE(offset + 24),
  };
}

/** `0000000001.segment` */
export function segmentFileName(number: number): string {
  return `${String(number).padStart(10, '0')}.segment`;
}

/** The number in a segment's file name; undefined for any other file. */
export function segmentNumber(fileName: string): number | undefined {
  const match = /^(\d{10})\.segment$/.exec(fileName);
  return match ? Number(match[1]) : undefined;
}
