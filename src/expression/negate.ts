import type { Node } from './node.ts';

/** The node for the opposite of a condition: `not` stands only before what is no `not`, `and` or `or`. */
export function negate(of: Node): Node {
  if (of.op === 'call' && of.fn === 'not' && of.args[0] !== undefined) return of.args[0];
  if (of.op === 'call' && (of.fn === 'and' || of.fn === 'or')) {
    return junction(of.fn === 'and' ? 'or' : 'and', of.args.map(negate));
  }
  return { op: 'call', kind: 'boolean', fn: 'not', args: [of] };
}

/** `and` or `or` of conditions; `and (and a b) c` is `and a b c`. */
export function junction(fn: 'and' | 'or', conditions: readonly Node[]): Node {
  const args = conditions.flatMap((of) => (of.op === 'call' && of.fn === fn ? of.args : [of]));
  return { op: 'call', kind: 'boolean', fn, args };
}
