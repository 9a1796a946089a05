/** Behaviours of Go and Helm that both back-ends rely on. Each is checked against the real binaries by the tests. */
import { type Json, isJsonMap } from './json.ts';

/** Helm's `toJson`: keys sorted by bytes, `<>&` escaped; Go writes floats as ECMAScript does. */
export function goJson(value: Json): string {
  if (typeof value === 'string') return escapeHtml(JSON.stringify(value));
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : JSON.stringify(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (isJsonMap(value)) {
    const entries = Object.keys(value)
      .sort(compareBytes)
      .map((key) => `${goJson(key)}:${goJson(value[key] as Json)}`);
    return `{${entries.join(',')}}`;
  }
  return `[${value.map(goJson).join(',')}]`;
}

function escapeHtml(text: string): string {
  return text.replace(/[<>&\u2028\u2029]/g, unicodeEscape);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Go compares strings by their UTF-8 bytes, which is not the order of UTF-16 units. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

/** Sprig's `trunc`: bytes, not characters. */
export function truncateBytes(text: string, maxBytes: number): string {
  return Buffer.from(text, 'utf8').subarray(0, maxBytes).toString('utf8');
}

/** Helm's idea of an empty value in `if`, `default`, `and`, `or`. */
export function isFalsy(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return true;
  if (isJsonMap(value)) return Object.keys(value).length === 0;
  return Array.isArray(value) && value.length === 0;
}

/** A Go string literal. */
export function goString(text: string): string {
  return escapeUnprintable(JSON.stringify(text));
}

/** Escapes the characters that YAML readers refuse or take for line breaks when they stand bare. */
export function escapeUnprintable(jsonText: string): string {
  return jsonText.replace(/[\u007f-\u009f\u00ad\u2028\u2029\ufeff\ufffe\uffff]/g, unicodeEscape);
}
