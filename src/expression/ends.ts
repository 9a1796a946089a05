import type { Node } from './node.ts';

/**
 * True where a part's last lines may be the user's own YAML: `toYaml` leaves out the last line break, which counts
 * where a text of theirs ends in some.
 */
export function endsInUsersYaml(of: Node): boolean {
  switch (of.op) {
    case 'map':
      return lastParts(of.entries.map(([, value]) => value)).some(endsInUsersYaml);
    case 'list':
      return lastParts(of.items).some(endsInUsersYaml);
    case 'when':
      return endsInUsersYaml(of.then) || (of.otherwise !== undefined && endsInUsersYaml(of.otherwise));
    case 'named':
    case 'forEach':
      return endsInUsersYaml(of.body);
    case 'mergeMaps':
    case 'mergeByKey':
    case 'splice':
      return true;
    case 'reference':
    case 'item':
    case 'call':
      return of.kind === 'list' || of.kind === 'map';
    case 'literal':
    case 'choose':
    case 'text':
    case 'keepEmpty':
      return false;
  }
}

/** The parts of which one is the last that is printed. */
function lastParts(parts: readonly Node[]): readonly Node[] {
  return parts.slice(Math.max(parts.findLastIndex(isAlwaysThere), 0));
}

function isAlwaysThere(of: Node): boolean {
  switch (of.op) {
    case 'map':
      return of.entries.length === 0 || of.entries.some(([, value]) => isAlwaysThere(value));
    case 'list':
      return of.items.length === 0 || of.items.some(isAlwaysThere);
    case 'named':
      return isAlwaysThere(of.body);
    case 'literal':
    case 'text':
    case 'keepEmpty':
      return true;
    case 'reference':
    case 'item':
    case 'call':
    case 'choose':
      return of.kind !== 'list' && of.kind !== 'map';
    case 'when':
    case 'splice':
    case 'forEach':
    case 'mergeMaps':
    case 'mergeByKey':
      return false;
  }
}
