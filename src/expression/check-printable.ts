import type { Kind } from './node.ts';

/** What may stand in a text as it is. Throws for a union, boolean, list or map, which Go would print in its own way. */
export function checkPrintable(what: string, kind: Kind): void {
  if (kind !== 'string' && kind !== 'integer' && kind !== 'number') {
    throw new TypeError(`${what} takes text and numbers, not ${kind}; see scalarText and json`);
  }
}
