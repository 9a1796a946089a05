import type { AnyValue, KeyValue, Long } from './otlp-messages.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Attributes = Record<string, Json>;

const MAX_BIGINT = 0x7fff_ffff_ffff_ffffn;

/** PostgreSQL stores neither NUL nor half a surrogate pair: both become U+FFFD. */
export function cleanText(text: string): string {
  return text.replace(/[\0\u{D800}-\u{DFFF}]/gu, '\uFFFD');
}

/** The first characters; a surrogate pair is not cut in two. */
export function clip(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : cleanText(text.slice(0, maxLength));
}

/** Decimal digits that fit into `bigint`. */
export function longToText(long: Long | undefined | null): string {
  if (!long) return '0';
  const bits = (BigInt(long.high >>> 0) << 32n) | BigInt(long.low >>> 0);
  const value = long.unsigned ? bits : BigInt.asIntN(64, bits);
  return String(value > MAX_BIGINT ? MAX_BIGINT : value);
}

/** A key that occurs twice keeps its last value, as in a map. */
export function attributesToJson(attributes: readonly KeyValue[]): Attributes {
  // No prototype: a key may be `__proto__`.
  const result = Object.create(null) as Attributes;
  for (const { key, value } of attributes) result[cleanText(key)] = valueToJson(value);
  return result;
}

/** Numbers that JSON can't hold exactly become text; bytes become base64. */
export function valueToJson(value: AnyValue | undefined | null): Json {
  switch (value?.value) {
    case 'stringValue':
      return cleanText(value.stringValue ?? '');
    case 'boolValue':
      return value.boolValue ?? false;
    case 'intValue': {
      const text = longToText(value.intValue);
      return Number.isSafeInteger(Number(text)) ? Number(text) : text;
    }
    case 'doubleValue':
      return Number.isFinite(value.doubleValue) ? (value.doubleValue as number) : String(value.doubleValue);
    case 'arrayValue':
      return (value.arrayValue?.values ?? []).map(valueToJson);
    case 'kvlistValue':
      return attributesToJson(value.kvlistValue?.values ?? []);
    case 'bytesValue':
      return Buffer.from(value.bytesValue ?? []).toString('base64');
    default:
      return null;
  }
}

/** Text of a value for a column: a string as it is, everything else as JSON. */
export function jsonToText(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Hexadecimal; undefined when the id is missing, all zero or of another length. */
export function idToHex(id: Uint8Array, length: 8 | 16): string | undefined {
  if (id.length !== length || id.every((byte) => byte === 0)) return undefined;
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex');
}
