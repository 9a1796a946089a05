import { isUtf8 } from 'node:buffer';
import { SIGNALS, type Signal } from '../protocol/signal.ts';
import { JsonReader, NotOtlp } from './json-reader.ts';
import { writeScalar, writeText } from './json-values.ts';
import { MESSAGES, type MessageName } from './otlp-messages.ts';
import { NoRoom, ProtobufWriter } from './protobuf-writer.ts';
import { RequestBuffer } from './request-buffer.ts';
import { RequestMemory } from './request-memory.ts';

export interface TranslateOptions {
  /** The signal whose address it was sent to; undefined when the address is that of all. */
  readonly signal: Signal | undefined;
  readonly into: RequestBuffer;
  readonly maxBytes: number;
}

/** Why a request could not be translated. */
export type Untranslated =
  { readonly why: 'invalid'; readonly message: string } | { readonly why: 'too_large' | 'no_memory' };

/**
 * Writes an OTLP/JSON export request as protobuf, driven by the table of messages: the queue and
 * the backend know protobuf only. Keys are taken in both spellings of the JSON mapping
 * (`traceId`, `trace_id`), unknown ones are ignored. Nothing is decoded into objects, so that the
 * memory it takes is that of the result. What is wrong is answered with its place, never thrown.
 */
export function translateJson(
  json: Buffer,
  { signal, into, maxBytes }: TranslateOptions,
): { readonly signal: Signal } | Untranslated {
  // A string of protobuf must be valid UTF-8: the backend would refuse it for ever.
  if (!isUtf8(json)) return { why: 'invalid', message: 'the body is not UTF-8' };
  const translator = new Translator(json, new ProtobufWriter(into, maxBytes));
  try {
    return { signal: translator.request(signal) };
  } catch (error) {
    if (error instanceof NotOtlp) return { why: 'invalid', message: translator.locate(error.message) };
    if (error instanceof NoRoom) return { why: error.why };
    throw error;
  }
}

/** The same for a request of our own making; a string says what is wrong with it. */
export function encodeJsonRequest(request: unknown, signal: Signal): Buffer | string {
  const maxBytes = Number.POSITIVE_INFINITY;
  const into = new RequestBuffer(new RequestMemory(maxBytes), maxBytes);
  const result = translateJson(Buffer.from(JSON.stringify(request)), { signal, into, maxBytes });
  if ('signal' in result) return into.contents;
  return result.why === 'invalid' ? result.message : result.why;
}

/** AnyValue nests at will; protobuf parsers stop at 100 levels. */
const MAX_DEPTH = 90;
const PACKED = new Set(['double', 'fixed64', 'uint64']);

interface Field {
  readonly name: string;
  readonly number: number;
  readonly type: string;
  readonly repeated: boolean;
  readonly isMessage: boolean;
}
type FieldsByKey = ReadonlyMap<string, Field>;

const FIELDS = new Map(Object.keys(MESSAGES).map((name) => [name, fieldsOf(name as MessageName)]));

function fieldsOf(message: MessageName): FieldsByKey {
  return new Map(
    Object.entries(MESSAGES[message]).flatMap(([name, [number, type, repeated]]) => {
      const field: Field = {
        name,
        number,
        type,
        repeated: repeated === 'repeated',
        isMessage: Object.hasOwn(MESSAGES, type),
      };
      const original = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return [
        [name, field],
        [original, field],
      ] as const;
    }),
  );
}

class Translator {
  readonly #reader: JsonReader;
  readonly #writer: ProtobufWriter;
  /** Names and indexes of where it is. */
  readonly #path: (string | number)[] = [];

  constructor(json: Buffer, writer: ProtobufWriter) {
    this.#reader = new JsonReader(json);
    this.#writer = writer;
  }

  /** `must be …` is told with its place; what is wrong with the body as such has none. */
  locate(message: string): string {
    if (!/^(must be|is) /.test(message)) return message;
    const path = this.#path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
    return `\`${path.slice(1, 201)}\` ${message}`;
  }

  /** The whole body. Its first key tells the signal if the address doesn't. */
  request(address: Signal | undefined): Signal {
    const reader = this.#reader;
    if (reader.peek() !== '{') throw new NotOtlp('the body is not a JSON object');
    let signal = address;
    let seen = 0;
    reader.enter('{');
    for (let first = true; reader.more('{', first); first = false) {
      const key = reader.key();
      const owner = SIGNALS.find((each) => FIELDS.get(each)?.has(key));
      const field = owner && FIELDS.get(owner)?.get(key);
      if (!owner || !field) reader.skip();
      else if (!reader.takeNull()) {
        signal ??= owner;
        // To ignore it as an unknown key would be to lose what its sender takes for received.
        if (owner !== signal) throw new NotOtlp(`\`${key}\` is not of ${signal}: post it to /v1/${owner}`);
        seen = this.#member(field, seen, 0);
      }
    }
    reader.end();
    if (!signal) throw new NotOtlp('not an OTLP export request in JSON');
    return signal;
  }

  #message(name: string, depth: number): void {
    const reader = this.#reader;
    if (depth > MAX_DEPTH) throw new NotOtlp('is nested too deeply');
    if (reader.peek() !== '{') throw new NotOtlp('must be an object');
    const fields = FIELDS.get(name);
    let seen = 0;
    reader.enter('{');
    for (let first = true; reader.more('{', first); first = false) {
      const field = fields?.get(reader.key());
      if (!field) reader.skip();
      else if (!reader.takeNull()) seen = this.#member(field, seen, depth);
    }
  }

  /** One field of a message. @returns which are there now, as bits of their numbers */
  #member(field: Field, seen: number, depth: number): number {
    this.#path.push(field.name);
    const bit = 1 << field.number;
    if (seen & bit) throw new NotOtlp('is there twice');
    if (!field.repeated) this.#value(field, depth);
    else if (this.#reader.peek() !== '[') throw new NotOtlp('must be an array');
    else if (PACKED.has(field.type)) this.#packed(field);
    else this.#elements(() => this.#value(field, depth));
    this.#path.pop();
    return seen | bit;
  }

  #packed({ number, type }: Field): void {
    const mark = this.#writer.open(number);
    this.#elements(() => writeScalar(this.#reader, this.#writer, type, undefined));
    this.#writer.close(mark);
  }

  #elements(write: () => void): void {
    const reader = this.#reader;
    reader.enter('[');
    const place = this.#path.push(0) - 1;
    for (let i = 0; reader.more('[', i === 0); i++) {
      this.#path[place] = i;
      write();
    }
    this.#path.pop();
  }

  #value({ number, type, isMessage }: Field, depth: number): void {
    if (isMessage) {
      const mark = this.#writer.open(number);
      this.#message(type, depth + 1);
      this.#writer.close(mark);
    } else if (!writeText(this.#reader, this.#writer, type, number))
      writeScalar(this.#reader, this.#writer, type, number);
  }
}
