import type { Node, TextLine } from './node.ts';

/** The nodes directly inside a node, in the order in which they are printed. */
export function childrenOf(of: Node): readonly Node[] {
  switch (of.op) {
    case 'literal':
    case 'reference':
    case 'item':
      return [];
    case 'call':
      return of.args;
    case 'choose':
      return [of.condition, of.then, of.otherwise];
    case 'named':
      return [of.body];
    case 'text':
      return of.lines.flatMap(nodesOfLine);
    case 'map':
      return of.entries.map(([, value]) => value);
    case 'list':
      return of.items;
    case 'when':
      return of.otherwise === undefined ? [of.condition, of.then] : [of.condition, of.then, of.otherwise];
    case 'splice':
      return [of.list];
    case 'forEach':
      return [of.list, of.body];
    case 'mergeMaps':
      return of.parts;
    case 'mergeByKey':
      return [of.ours, of.theirs];
    case 'keepEmpty':
      return [of.value];
  }
}

function nodesOfLine(line: TextLine): readonly Node[] {
  if ('condition' in line) {
    return [line.condition, ...[...line.lines, ...(line.otherwise ?? [])].flatMap(nodesOfLine)];
  }
  return line.parts.flatMap((part) => (typeof part === 'string' ? [] : [part.node]));
}

/** Every node below and including this one, inner ones first. */
export function* everyNode(of: Node): Generator<Node> {
  for (const child of childrenOf(of)) yield* everyNode(child);
  yield of;
}
