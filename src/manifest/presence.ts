import { negate } from '../expression/negate.ts';
import type { CallNode, Node, WhenNode } from '../expression/node.ts';
import { type PrintContext, atRoot, printCondition, withGiven } from '../expression/print.ts';

/** When something is left of a part: always, or under a condition. */
export type Presence = true | Node;

/** Two conditions that print alike are one. */
function conditionKey(of: Node): string {
  return printCondition(of, atRoot);
}

/** True where the conditions that hold there say so. */
export function isKnown(condition: Presence, context: PrintContext): boolean {
  if (condition === true) return true;
  if (condition.op === 'call' && condition.fn === 'and') return condition.args.every((arg) => isKnown(arg, context));
  if (context.given.has(conditionKey(condition))) return true;
  return condition.op === 'call' && condition.fn === 'or' && condition.args.some((arg) => isKnown(arg, context));
}

/** When a map's entry has a value. The counterpart of `evaluatePart` giving undefined. */
export function presenceOf(of: Node): Presence {
  switch (of.op) {
    case 'map':
      return of.entries.length === 0 ? true : anyOf(of.entries.map(([, part]) => presenceOf(part)));
    case 'list':
      return of.items.length === 0 ? true : anyOf(of.items.map(itemPresence));
    case 'when':
      return whenPresence(of);
    case 'named':
      return presenceOf(of.body);
    case 'mergeMaps':
      return anyOf(of.parts.map(presenceOf));
    case 'mergeByKey':
      return anyOf([presenceOf(of.ours), notEmpty(of.theirs)]);
    case 'splice':
    case 'forEach':
      return itemPresence(of);
    case 'literal':
    case 'text':
    case 'keepEmpty':
      return true;
    case 'reference':
    case 'item':
    case 'call':
    case 'choose':
      return of.kind === 'list' || of.kind === 'map' ? notEmpty(of) : true;
  }
}

function itemPresence(of: Node): Presence {
  if (of.op === 'splice') return notEmpty(of.list);
  if (of.op === 'forEach') {
    if (presenceOf(of.body) !== true) throw new TypeError('forEach needs a body that is always there');
    return notEmpty(of.list);
  }
  return presenceOf(of);
}

function whenPresence(of: WhenNode): Presence {
  const then = both(of.condition, presenceOf(of.then));
  if (of.otherwise === undefined) return then;
  const opposite = negate(of.condition);
  const otherwise = both(opposite, presenceOf(of.otherwise));
  if (then === of.condition && otherwise === opposite) return true;
  return call('or', then, otherwise);
}

/** The condition itself where nothing more is asked. */
function both(condition: Node, inner: Presence): Node {
  if (inner === true || isKnown(inner, withGiven(atRoot, condition))) return condition;
  return call('and', condition, inner);
}

function anyOf(all: readonly Presence[]): Presence {
  const unique = new Map<string, Node>();
  for (const one of all) {
    if (one === true) return true;
    unique.set(conditionKey(one), one);
  }
  const conditions = [...unique.values()];
  return conditions.length === 1 && conditions[0] !== undefined ? conditions[0] : call('or', ...conditions);
}

function notEmpty(list: Node): Presence {
  // A list that starts from literals always has something.
  if (alwaysFilled(list)) return true;
  return call('not', call('isEmpty', list));
}

function alwaysFilled(of: Node): boolean {
  if (of.op === 'list') return of.items.length > 0;
  if (of.op !== 'call') return false;
  if (of.fn === 'uniq') return of.args.some(alwaysFilled);
  if (of.fn === 'concatLists') return of.args.some(alwaysFilled);
  return of.fn === 'orDefaultList' && of.args.some(alwaysFilled);
}

function call(fn: string, ...args: readonly Node[]): CallNode {
  return { op: 'call', kind: 'boolean', fn, args };
}
