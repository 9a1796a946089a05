import { escapeUnprintable } from '../expression/go.ts';
import type { LiteralNode } from '../expression/node.ts';

/** Words that some YAML reader takes for a boolean, null or number. */
const reserved = /^(true|false|yes|no|on|off|null|y|n|nan|inf)$/i;
const plain = /^[A-Za-z_/][A-Za-z0-9_./-]*$/;

/** Text that a template copies to its output: `{{` must not start an action there. */
export function verbatim(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}

/** The same for text before an action, which must not become `{{{`. */
export function literalBeforeAction(text: string): string {
  const [braces] = /\{*$/.exec(text) ?? [''];
  return verbatim(text.slice(0, text.length - braces.length)) + (braces === '' ? '' : `{{ "${braces}" }}`);
}

/** A map's key in a template. */
export function yamlKey(key: string): string {
  return verbatim(yamlText(key));
}

/** A scalar that is known when the chart is generated, in a template. */
export function yamlScalar(value: LiteralNode['value']): string {
  return verbatim(typeof value === 'string' ? yamlText(value) : String(value));
}

/** A string as a YAML scalar: plain where no reader can take it for something else, else in double quotes. */
export function yamlText(text: string): string {
  return plain.test(text) && !reserved.test(text) ? text : escapeUnprintable(JSON.stringify(text));
}
