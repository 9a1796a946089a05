import type { Node } from './node.ts';

/** The node for the opposite of a condition. */
export function negate(of: Node): Node {
  const operand = of.op === 'call' && of.fn === 'not' ? of.args[0] : undefined;
  return operand ?? { op: 'call', kind: 'boolean', fn: 'not', args: [of] };
}
