import type { Signal } from '../protocol/signal.ts';
import { MESSAGES, type MessageName } from './otlp-messages.ts';

/**
 * Writes an OTLP/JSON export request as protobuf, driven by the table of messages: the queue and
 * the backend know protobuf only. Answers what is wrong, with its place, instead of throwing.
 */
export function encodeJsonRequest(request: unknown, signal: Signal): Buffer | string {
  if (!isObject(request)) return 'the body is not a JSON object';
  const writer = new ProtobufWriter();
  try {
    writer.message(signal, request, '', 0);
  } catch (error) {
    if (error instanceof NotOtlp) return error.message;
    throw error;
  }
  return writer.toBuffer();
}

/** Thrown inside this file only, to leave nested messages. */
class NotOtlp extends Error {}

/** AnyValue nests at will; protobuf parsers stop at 100 levels. */
const MAX_DEPTH = 90;

const PACKED = new Set(['double', 'fixed64', 'uint64']);

class ProtobufWriter {
  /** One buffer that grows: a buffer for each number would take fifty times the request's memory. */
  #bytes = Buffer.allocUnsafe(128);
  #size = 0;

  /** Valid until more is written. */
  toBuffer(): Buffer {
    return this.#bytes.subarray(0, this.#size);
  }

  message(name: MessageName, value: object, path: string, depth: number): void {
    if (depth > MAX_DEPTH) throw new NotOtlp(`\`${path.slice(0, 200)}\` is nested too deeply`);
    const fields = MESSAGES[name];
    for (const [key, member] of Object.entries(value)) {
      if (member === null || member === undefined || !Object.hasOwn(fields, key)) continue;
      const field = fields[key];
      if (!field) continue;
      const [number, type, repeated] = field;
      const at = path ? `${path}.${key}` : key;
      if (!repeated) this.#field(number, type, member, at, depth);
      else {
        if (!Array.isArray(member)) throw new NotOtlp(`\`${at}\` must be an array`);
        if (PACKED.has(type)) this.#packed(number, type, member, at);
        else for (const [i, element] of member.entries()) this.#field(number, type, element, `${at}[${i}]`, depth);
      }
    }
  }

  #field(number: number, type: string, value: unknown, path: string, depth: number): void {
    if (Object.hasOwn(MESSAGES, type)) {
      if (!isObject(value)) throw new NotOtlp(`\`${path}\` must be an object`);
      const inner = new ProtobufWriter();
      inner.message(type as MessageName, value, path, depth + 1);
      return this.#delimited(number, inner.toBuffer());
    }
    if (type === 'string' || type === 'bytes' || type === 'hex')
      return this.#delimited(number, bytesOf(type, value, path));
    this.#push(tag(number, WIRE_TYPES[type as ScalarType]));
    this.#push(scalar(type as ScalarType, value, path));
  }

  #packed(number: number, type: string, values: readonly unknown[], path: string): void {
    const inner = new ProtobufWriter();
    for (const [i, value] of values.entries()) inner.#push(scalar(type as ScalarType, value, `${path}[${i}]`));
    this.#delimited(number, inner.toBuffer());
  }

  #delimited(number: number, bytes: Buffer): void {
    this.#push(tag(number, 2));
    this.#push(varint(BigInt(bytes.length)));
    this.#push(bytes);
  }

  #push(bytes: Buffer): void {
    const size = this.#size + bytes.length;
    if (size > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, 2 * this.#bytes.length));
      this.toBuffer().copy(larger);
      this.#bytes = larger;
    }
    bytes.copy(this.#bytes, this.#size);
    this.#size = size;
  }
}

const WIRE_TYPES = {
  bool: 0,
  uint32: 0,
  int32: 0,
  sint32: 0,
  uint64: 0,
  int64: 0,
  double: 1,
  fixed64: 1,
  sfixed64: 1,
  fixed32: 5,
} as const;
type ScalarType = keyof typeof WIRE_TYPES;

function scalar(type: ScalarType, value: unknown, path: string): Buffer {
  if (type === 'bool') {
    if (typeof value !== 'boolean') throw new NotOtlp(`\`${path}\` must be true or false`);
    return Buffer.from([value ? 1 : 0]);
  }
  if (type === 'double') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(doubleOf(value, path));
    return bytes;
  }
  const integer = integerOf(value, path);
  const [min, max] = RANGES[type];
  if (integer < min || integer > max) throw new NotOtlp(`\`${path}\` is out of range`);
  return encodeInteger(type, integer);
}

const U64 = 2n ** 64n;
const RANGES = {
  uint32: [0n, 2n ** 32n - 1n],
  fixed32: [0n, 2n ** 32n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  sint32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint64: [0n, U64 - 1n],
  fixed64: [0n, U64 - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  sfixed64: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

function encodeInteger(type: keyof typeof RANGES, value: bigint): Buffer {
  switch (type) {
    case 'fixed32': {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(Number(value));
      return bytes;
    }
    case 'fixed64':
    case 'sfixed64': {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
      return bytes;
    }
    case 'sint32':
      return varint(value >= 0n ? value << 1n : (-value << 1n) - 1n);
    default:
      return varint(BigInt.asUintN(64, value));
  }
}

/** A JSON number, or the decimal text that 64-bit integers are written as. */
function integerOf(value: unknown, path: string): bigint {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  throw new NotOtlp(`\`${path}\` must be an integer`);
}

function doubleOf(value: unknown, path: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^(NaN|-?Infinity|-?\d+(\.\d+)?([eE][-+]?\d+)?)$/.test(value)) return Number(value);
  throw new NotOtlp(`\`${path}\` must be a number`);
}

function bytesOf(type: 'string' | 'bytes' | 'hex', value: unknown, path: string): Buffer {
  if (typeof value !== 'string') throw new NotOtlp(`\`${path}\` must be a string`);
  if (type === 'string') return Buffer.from(value, 'utf8');
  if (type === 'bytes') return Buffer.from(value, 'base64');
  if (value.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(value)) throw new NotOtlp(`\`${path}\` must be hexadecimal`);
  return Buffer.from(value, 'hex');
}

function tag(number: number, wireType: number): Buffer {
  return varint(BigInt((number << 3) | wireType));
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
