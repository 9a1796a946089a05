/** Thrown while a JSON request is read, and caught where it is translated. */
export class NotOtlp extends Error {}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = { '{': 0x7b, '[': 0x5b } as const;
const CLOSE = { '{': 0x7d, '[': 0x5d } as const;
const LOWER_U = 0x75;
const ESCAPABLE = new Set(Buffer.from('"\\/bfnrtu'));
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/;
/** More digits than any number of a request has: the text of one is held in memory. */
const MAX_NUMBER_LENGTH = 1000;
/** Deeper values that nobody asked for are refused instead of skipped. */
const MAX_SKIPPED_DEPTH = 100;

/** Where the contents of a string lie, between its quotes. */
export interface StringRange {
  readonly start: number;
  readonly end: number;
  /** It has backslashes. */
  readonly escaped: boolean;
}

/**
 * Reads JSON from its bytes, one token at a time and forwards only. `JSON.parse` takes up to a
 * hundred times the memory of what it reads (`[[[[…`, `{},{},…`) and makes doubles of 64-bit
 * integers; this takes none and leaves numbers as they are written.
 */
export class JsonReader {
  readonly bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** The first character of the next value, not yet read. */
  peek(): string {
    this.#skipSpace();
    const byte = this.bytes[this.#at];
    if (byte === undefined) throw this.#error();
    return String.fromCharCode(byte);
  }

  /** Reads the `null` that is next; false when something else is. */
  takeNull(): boolean {
    if (this.peek() !== 'n') return false;
    this.#literal('null');
    return true;
  }

  boolean(): boolean | undefined {
    const first = this.peek();
    if (first !== 't' && first !== 'f') return undefined;
    this.#literal(first === 't' ? 'true' : 'false');
    return first === 't';
  }

  /** Begins an object or array. */
  enter(kind: '{' | '['): void {
    this.#skipSpace();
    this.#expect(OPEN[kind]);
  }

  /** Whether the object or array has one more member; reads what stands before it, or its end. */
  more(kind: '{' | '[', first: boolean): boolean {
    this.#skipSpace();
    if (this.bytes[this.#at] === CLOSE[kind]) {
      this.#at++;
      return false;
    }
    if (!first) {
      this.#expect(COMMA);
      this.#skipSpace();
    }
    return true;
  }

  /** The key of the next member; a long one is none that anybody knows and is `''`. */
  key(): string {
    this.#skipSpace();
    const range = this.string();
    this.#skipSpace();
    this.#expect(COLON);
    return range.end - range.start > 64 ? '' : this.textOf(range);
  }

  /** Reads a string without making one. */
  string(): StringRange {
    this.#expect(QUOTE);
    const { bytes } = this;
    const start = this.#at;
    let escaped = false;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return { start, end: at, escaped };
      }
      if (byte < 0x20) throw this.#error(at);
      if (byte !== BACKSLASH) continue;
      escaped = true;
      at = this.#checkEscape(at + 1);
    }
    throw this.#error(bytes.length);
  }

  /** The text of a string that is known to be short. */
  textOf({ start, end, escaped }: StringRange): string {
    if (!escaped) return this.bytes.toString('utf8', start, end);
    return JSON.parse(this.bytes.toString('utf8', start - 1, end + 1)) as string;
  }

  /** A number as it is written. */
  number(): string {
    this.#skipSpace();
    const start = this.#at;
    for (let byte = this.bytes[start]; byte !== undefined && isOfNumber(byte); byte = this.bytes[this.#at]) this.#at++;
    const text = this.#at - start > MAX_NUMBER_LENGTH ? '' : this.bytes.toString('latin1', start, this.#at);
    if (!NUMBER.test(text)) throw this.#error(start);
    return text;
  }

  /** Reads a value of any kind and forgets it. */
  skip(depth = 0): void {
    if (depth > MAX_SKIPPED_DEPTH) throw new NotOtlp('the body is nested too deeply');
    const first = this.peek();
    if (first === '{' || first === '[') {
      this.enter(first);
      for (let begin = true; this.more(first, begin); begin = false) {
        if (first === '{') this.key();
        this.skip(depth + 1);
      }
    } else if (first === '"') this.string();
    else if (!this.takeNull() && this.boolean() === undefined) this.number();
  }

  /** Nothing may follow the one value. */
  end(): void {
    this.#skipSpace();
    if (this.#at < this.bytes.length) throw this.#error();
  }

  #checkEscape(at: number): number {
    const byte = this.bytes[at] ?? 0;
    if (!ESCAPABLE.has(byte)) throw this.#error(at);
    if (byte !== LOWER_U) return at;
    for (let i = at + 1; i <= at + 4; i++) if (hexDigit(this.bytes[i]) < 0) throw this.#error(i);
    return at + 4;
  }

  #literal(text: string): void {
    for (let i = 0; i < text.length; i++) this.#expect(text.charCodeAt(i));
  }

  #expect(byte: number): void {
    if (this.bytes[this.#at] !== byte) throw this.#error();
    this.#at++;
  }

  #skipSpace(): void {
    const { bytes } = this;
    for (let byte = bytes[this.#at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;)
      byte = bytes[++this.#at];
  }

  #error(at: number = this.#at): NotOtlp {
    return new NotOtlp(`the body is not JSON (at byte ${at})`);
  }
}

/** The value of a hexadecimal digit, or -1. */
export function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** 0-9 + - . e E */
function isOfNumber(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2e || byte === 0x2b || (byte | 0x20) === 0x65;
}
