import { expect, test } from 'vitest';
import { translateJson } from '../../src/receive/json-request.ts';
import { RequestBuffer } from '../../src/receive/request-buffer.ts';
import { RequestMemory } from '../../src/receive/request-memory.ts';
import type { Signal } from '../../src/protocol/signal.ts';
import { otlpRoot } from '../fixtures/otlp-types.ts';

const root = otlpRoot();

/** What protobufjs reads from the translation, or what is wrong. */
function translate(json: string | Buffer, signal?: Signal): unknown {
  const into = new RequestBuffer(new RequestMemory(1 << 30), 1 << 26);
  const result = translateJson(Buffer.from(json as string), { signal, into, maxBytes: 1 << 26 });
  if (!('signal' in result)) return result.why === 'invalid' ? result.message : result.why;
  const type = root.lookupType(result.signal);
  return type.toObject(type.decode(into.contents), { longs: String, bytes: String });
}

/** The value of one field of a span. */
function span(fields: string): unknown {
  const result = translate(`{"resourceSpans":[{"scopeSpans":[{"spans":[${fields}]}]}]}`, 'traces');
  return typeof result === 'string'
    ? result.replace('resourceSpans[0].scopeSpans[0].spans[0]', 'span')
    : (result as { resourceSpans: { scopeSpans: { spans: unknown[] }[] }[] }).resourceSpans[0]?.scopeSpans[0]?.spans[0];
}

function attribute(value: string): unknown {
  const result = span(`{"attributes":[{"key":"k","value":${value}}]}`);
  return typeof result === 'string'
    ? result.replace('span.attributes[0].value', 'value')
    : (result as { attributes: { value: unknown }[] }).attributes[0]?.value;
}

test.each([
  ['9007199254740993', '9007199254740993'],
  ['"9007199254740993"', '9007199254740993'],
  ['-9223372036854775808', '-9223372036854775808'],
  ['9223372036854775807', '9223372036854775807'],
  ['12.0', '12'],
  ['1.5e3', '1500'],
])('an integer is exact: %s', (json, value) => {
  expect(attribute(`{"intValue":${json}}`)).toEqual({ intValue: value });
});

test.each([
  ['9223372036854775808', '`value.intValue` is out of range'],
  ['1.5', '`value.intValue` must be an integer'],
  ['9007199254740993e0', '`value.intValue` must be an integer'],
  ['1e400', '`value.intValue` must be an integer'],
  ['"1x"', '`value.intValue` must be an integer'],
  ['true', '`value.intValue` must be an integer'],
  ['01', 'the body is not JSON'],
  ['1.', 'the body is not JSON'],
])('what is no 64-bit integer is refused: %s', (json, problem) => {
  expect(attribute(`{"intValue":${json}}`)).toContain(problem);
});

test('doubles, booleans and what is no number', () => {
  expect(attribute('{"doubleValue":0.1}')).toEqual({ doubleValue: 0.1 });
  expect(attribute('{"doubleValue":"-Infinity"}')).toEqual({ doubleValue: Number.NEGATIVE_INFINITY });
  expect(attribute('{"doubleValue":1e999}')).toBe('`value.doubleValue` is out of range');
  expect(attribute('{"boolValue":true}')).toEqual({ boolValue: true });
  expect(attribute('{"boolValue":"false"}')).toBe('`value.boolValue` must be true or false');
});

test('bytes are base64 in both alphabets, with padding or without; anything else is refused', () => {
  const encoded = Buffer.from([251, 239, 190, 1]).toString('base64');
  for (const text of [
    encoded,
    encoded.replace(/=/g, ''),
    encoded.replaceAll('+', '-'),
    encoded.replaceAll('+', '\\u002b'),
  ])
    expect(attribute(`{"bytesValue":"${text}"}`)).toEqual({ bytesValue: encoded });
  for (const text of ['a', 'ab$d', 'ab=d', 'abcd=', '====', 'a b='])
    expect(attribute(`{"bytesValue":"${text}"}`), text).toBe('`value.bytesValue` must be base64');
});

test('identifiers are hexadecimal of their length; base64 is refused', () => {
  const hex = '5b8efff798038103d269b633813fc60c';
  expect(span(`{"traceId":"${hex.toUpperCase()}","spanId":""}`)).toEqual({
    traceId: Buffer.from(hex, 'hex').toString('base64'),
  });
  for (const id of [hex.slice(2), `${hex}00`, Buffer.from(hex, 'hex').toString('base64'), `${hex.slice(1)}x`])
    expect(span(`{"traceId":"${id}"}`)).toBe('`span.traceId` must be hexadecimal, 32 digits');
  expect(span(`{"parentSpanId":"${hex}"}`)).toBe('`span.parentSpanId` must be hexadecimal, 16 digits');
});

test('both spellings of a key are taken, unknown keys and null are not there, a key twice is refused', () => {
  expect(
    translate(
      '{"resource_spans":[{"scope_spans":[{"spans":[{"start_time_unix_nano":"7","status":null}]}]}]}',
      'traces',
    ),
  ).toEqual({ resourceSpans: [{ scopeSpans: [{ spans: [{ startTimeUnixNano: '7' }] }] }] });
  expect(span('{"new":[1,{"a":null,"b":[true,false,-1.5e-3]}],"name":"x","resourceSpans":{}}')).toEqual({ name: 'x' });
  expect(span('{"traceState":"a","trace_state":"b"}')).toBe('`span.traceState` is there twice');
});

test('the telemetry of another signal is refused instead of being taken for nothing', () => {
  const logs = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}';
  expect(translate(logs, 'traces')).toBe('`resourceLogs` is not of traces: post it to /v1/logs');
  expect(translate(logs.replace('resourceLogs', 'resource_logs'), 'metrics')).toContain('post it to /v1/logs');
  expect(translate(logs)).toEqual({ resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] });
  expect(translate('{"resourceLogs":null}', 'traces')).toEqual({});
  expect(translate('{"x":1}', 'traces')).toEqual({});
  expect(translate('{"x":1}')).toBe('not an OTLP export request in JSON');
});

test('strings keep every character; half a surrogate pair becomes U+FFFD', () => {
  const text = 'Grüße "\\/\b\f\n\r\t\u0000 \u{1f600} 漢';
  expect(span(`{"name":${JSON.stringify(text)}}`)).toEqual({ name: text });
  expect(span(String.raw`{"name":"\ud83d\ude00 \ud83d \ude00 \ud83d\n\u0041"}`)).toEqual({ name: '😀 � � �\nA' });
});

test.each([
  ['', 'byte 0'],
  ['{"a":1', 'byte 6'],
  ['{"a":1}x', 'byte 7'],
  ['{"a":1,}', 'byte 7'],
  ['{"a":[1,]}', 'byte 8'],
  ['{"a" 1}', 'byte 5'],
  ['{"a":tru}', 'byte 8'],
  ['{"a":"\n"}', 'byte 6'],
  [String.raw`{"a":"\x"}`, 'byte 7'],
  [String.raw`{"a":"\u12g4"}`, 'byte 10'],
  ['{"a":-}', 'byte 5'],
  [`{"a":${'1'.repeat(5000)}}`, 'byte 5'],
])('what is not JSON is told with its place: %s', (json, place) => {
  expect(translate(json, 'traces')).toBe(`the body is not JSON (at ${place})`);
});

test('what is nested too deeply, not UTF-8 or too large is told apart', () => {
  expect(translate(`{"a":${'['.repeat(200)}${']'.repeat(200)}}`, 'traces')).toBe('the body is nested too deeply');
  expect(attribute(`${'{"arrayValue":{"values":['.repeat(60)}{}${']}}'.repeat(60)}`)).toContain('is nested too deeply');
  expect(translate(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'traces')).toBe('the body is not UTF-8');
  const into = new RequestBuffer(new RequestMemory(1 << 20), 100);
  const json = Buffer.from(`{"resourceSpans":[${'{},'.repeat(100)}{}]}`);
  expect(translateJson(json, { signal: 'traces', into, maxBytes: 100 })).toEqual({ why: 'too_large' });
  const small = new RequestBuffer(new RequestMemory(1000), 1 << 20);
  expect(
    translateJson(Buffer.from(`{"resourceSpans":[{"schemaUrl":"${'x'.repeat(2000)}"}]}`), {
      signal: 'traces',
      into: small,
      maxBytes: 1 << 20,
    }),
  ).toEqual({ why: 'no_memory' });
});

test('a message of any length has its length before it', () => {
  for (const size of [1, 100, 126, 127, 128, 129, 16_000, 16_383, 16_384, 16_390, 2 ** 21])
    expect(span(`{"name":"${'n'.repeat(size)}","status":{"message":"\\n"}}`)).toEqual({
      name: 'n'.repeat(size),
      status: { message: '\n' },
    });
});
