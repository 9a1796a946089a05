import { hexDigit, NotOtlp, type JsonReader, type StringRange } from './json-reader.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

/** Bytes of the identifiers that OTLP writes in hexadecimal; the rest of JSON's bytes are base64. */
const ID_BYTES: Readonly<Record<string, number>> = { traceId: 16, spanId: 8 };

/** Longer than any number that is written as text. */
const MAX_NUMBER_TEXT = 400;

/** Writes a field of text, bytes or an identifier. False, and nothing read, when `type` is another. */
export function writeText(reader: JsonReader, writer: ProtobufWriter, type: string, number: number): boolean {
  const idBytes = ID_BYTES[type];
  if (idBytes === undefined && type !== 'string' && type !== 'bytes') return false;
  if (reader.peek() !== '"') throw new NotOtlp('must be a string');
  const range = reader.string();
  const mark = writer.open(number, range.end - range.start);
  const start = writer.size;
  unescapeInto(writer, reader.bytes, range);
  if (idBytes !== undefined) writer.truncate(start + decodeId(writer.written(start), idBytes));
  else if (type === 'bytes') writer.truncate(start + decodeBase64(writer.written(start)));
  writer.close(mark);
  return true;
}

const ESCAPES: Readonly<Record<string, number>> = { b: 8, f: 12, n: 10, r: 13, t: 9 };
const BACKSLASH = 0x5c;

/** Writes a string's contents in UTF-8. Its escapes were checked when it was read. */
function unescapeInto(writer: ProtobufWriter, bytes: Buffer, { start, end, escaped }: StringRange): void {
  if (!escaped) return writer.copy(bytes, start, end);
  let run = start;
  for (let at = start; at < end; at++) {
    if (bytes[at] !== BACKSLASH) continue;
    writer.copy(bytes, run, at);
    const letter = String.fromCharCode(bytes[++at] as number);
    if (letter === 'u') {
      let code = unitAt(bytes, at + 1);
      at += 4;
      const low = code >= 0xd800 && code <= 0xdbff && bytes[at + 1] === BACKSLASH ? unitAt(bytes, at + 3) : 0;
      if (low >= 0xdc00 && low <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
      }
      writer.character(code);
    } else writer.byte(ESCAPES[letter] ?? letter.charCodeAt(0));
    run = at + 1;
  }
  writer.copy(bytes, run, end);
}

/** The four hexadecimal digits of a `\u`; of another escape something that is no low surrogate. */
function unitAt(bytes: Buffer, at: number): number {
  let unit = 0;
  for (let i = at; i < at + 4; i++) unit = unit * 16 + hexDigit(bytes[i]);
  return unit;
}

/** Decodes hexadecimal text in place. @returns the bytes it stands for */
function decodeId(text: Buffer, bytes: number): number {
  if (text.length !== 0 && text.length !== 2 * bytes) throw new NotOtlp(`must be hexadecimal, ${2 * bytes} digits`);
  for (let i = 0; i < text.length; i += 2) {
    const [high, low] = [hexDigit(text[i]), hexDigit(text[i + 1])];
    if (high < 0 || low < 0) throw new NotOtlp(`must be hexadecimal, ${2 * bytes} digits`);
    text[i / 2] = high * 16 + low;
  }
  return text.length / 2;
}

/** Both alphabets, as the JSON mapping allows; -1 where there is no digit. */
const BASE64_DIGITS: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte).replace('-', '+').replace('_', '/');
  return 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(character);
});
const PADDING = 0x3d;

/** Decodes base64 in place, with padding or without. @returns the bytes it stands for */
function decodeBase64(text: Buffer): number {
  let length = text.length;
  if (length % 4 === 0) for (let i = 0; i < 2 && text[length - 1] === PADDING; i++) length--;
  if (length % 4 === 1) throw new NotOtlp('must be base64');
  let size = 0;
  let bits = 0;
  for (let i = 0; i < length; i++) {
    const digit = BASE64_DIGITS[text[i] as number] as number;
    if (digit < 0) throw new NotOtlp('must be base64');
    bits = ((bits << 6) | digit) & 0xffff;
    // Of four digits the first completes no byte.
    if (i % 4 > 0) text[size++] = bits >> (6 - 2 * (i % 4));
  }
  return size;
}

const WIRE_TYPES: Readonly<Record<string, number>> = { double: 1, fixed64: 1, sfixed64: 1, fixed32: 5 };

/** Writes a number or a boolean. @param number of the field; undefined for an element of a packed one */
export function writeScalar(
  reader: JsonReader,
  writer: ProtobufWriter,
  type: string,
  number: number | undefined,
): void {
  if (number !== undefined) writer.tag(number, WIRE_TYPES[type] ?? 0);
  if (type === 'bool') {
    const value = reader.boolean();
    if (value === undefined) throw new NotOtlp('must be true or false');
    return writer.byte(value ? 1 : 0);
  }
  const text = numberText(reader, type);
  if (type === 'double') return writer.double(doubleOf(text));
  const value = integerOf(text);
  const [min, max] = RANGES[type] as readonly [bigint, bigint];
  if (value < min || value > max) throw new NotOtlp('is out of range');
  writeInteger(writer, type, value);
}

/** A JSON number, or the text that 64-bit integers and what is no number are written as. */
function numberText(reader: JsonReader, type: string): string {
  const first = reader.peek();
  if (first === '-' || (first >= '0' && first <= '9')) return reader.number();
  const range = first === '"' ? reader.string() : undefined;
  if (!range || range.end - range.start > MAX_NUMBER_TEXT)
    throw new NotOtlp(type === 'double' ? 'must be a number' : 'must be an integer');
  return reader.textOf(range);
}

function doubleOf(text: string): number {
  if (/^(NaN|-?Infinity)$/.test(text)) return Number(text);
  const value = /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) throw new NotOtlp('must be a number');
  if (!Number.isFinite(value)) throw new NotOtlp('is out of range');
  return value;
}

/** Exact or refused: the fifteen digits with a fraction or exponent are those that a double holds. */
function integerOf(text: string): bigint {
  if (/^-?\d{1,20}(\.0+)?$/.test(text)) return BigInt(text.replace(/\..*/, ''));
  const value = /^-?[\d.]{1,16}([eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new NotOtlp('must be an integer');
  return BigInt(value);
}

const UNSIGNED_32 = [0n, 2n ** 32n - 1n] as const;
const SIGNED_32 = [-(2n ** 31n), 2n ** 31n - 1n] as const;
const UNSIGNED_64 = [0n, 2n ** 64n - 1n] as const;
const SIGNED_64 = [-(2n ** 63n), 2n ** 63n - 1n] as const;
const RANGES: Readonly<Record<string, readonly [min: bigint, max: bigint]>> = {
  uint32: UNSIGNED_32,
  fixed32: UNSIGNED_32,
  int32: SIGNED_32,
  sint32: SIGNED_32,
  uint64: UNSIGNED_64,
  fixed64: UNSIGNED_64,
  int64: SIGNED_64,
  sfixed64: SIGNED_64,
};

function writeInteger(writer: ProtobufWriter, type: string, value: bigint): void {
  if (type === 'fixed32') return writer.fixed32(Number(value));
  if (type === 'fixed64' || type === 'sfixed64') return writer.fixed64(value);
  if (type === 'sint32') return writer.bigVarint(value >= 0n ? value << 1n : (-value << 1n) - 1n);
  writer.bigVarint(value);
}
