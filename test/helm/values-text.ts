import type { Json } from './json.ts';

/** Characters that YAML readers refuse or take for line breaks when they stand bare. Astral ones must stay bare:
 * Go's YAML reader doesn't join an escaped surrogate pair. */
const bareTrouble = /[\u007f-\u009f\u00ad\u2028\u2029\ufeff\ufffe\uffff]/g;

/** The text of a values file that Helm reads as exactly `value`: JSON, with what YAML can't carry bare escaped. */
export function valuesText(value: Json): string {
  if (typeof value === 'string') return stringText(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0.0' : JSON.stringify(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(valuesText).join(',')}]`;
  return `{${Object.entries(value)
    .map(([key, entry]) => `${stringText(key)}:${valuesText(entry)}`)
    .join(',')}}`;
}

function stringText(text: string): string {
  return JSON.stringify(text).replace(bareTrouble, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
