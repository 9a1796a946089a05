import { WireReader } from './wire.ts';

/** A scope with units: spans, log records or metrics. All but the units are offsets into the request. */
export interface ScopeUnits {
  readonly resourceStart: number;
  readonly resourceEnd: number;
  readonly start: number;
  readonly end: number;
  /** The numbers of its units in the request: from the first to before the end. */
  readonly firstUnit: number;
  readonly endUnit: number;
}

export interface RequestUnits {
  /** In their order; those without units are left out. */
  readonly scopes: readonly ScopeUnits[];
  /** Where unit `i` begins (`2 * i`, with its tag) and ends (`2 * i + 1`): an object for each would be ten times as large. */
  readonly offsets: readonly number[];
}

/** What splitting a request would cost. */
export interface SplitCost {
  readonly units: number;
  /** Resources, scopes and units. */
  readonly messages: number;
  /** What a part repeats at most: a resource that has several units, and one scope in it. */
  readonly repeatedBytes: number;
}

/*
 * The levels of a request, as in scan-request.ts. The child of a request has field number 1
 * (resource), that of a resource (scope) and of a scope (unit) 2.
 */
const RESOURCE_LEVEL = 1;
const SCOPE_LEVEL = 2;

const reader = new WireReader();

/** Measures a request that `countItems` has accepted, without memory for what it finds. */
export function measureSplit(request: Buffer): SplitCost {
  const cost = { units: 0, messages: 0, repeatedBytes: 0 };
  reader.reset(request);
  measureLevel(0, request.length, cost);
  reader.release();
  return cost;
}

/** @returns the bytes of the message that are not its children */
function measureLevel(level: number, end: number, cost: { -readonly [key in keyof SplitCost]: number }): number {
  let own = end - reader.at;
  let largestScope = 0;
  const unitsBefore = cost.units;
  for (let child = nextChild(level, end); child; child = nextChild(level, end)) {
    own -= child.end - child.tagStart;
    cost.messages++;
    if (level === SCOPE_LEVEL) {
      cost.units++;
      reader.at = child.end;
    } else largestScope = Math.max(largestScope, measureLevel(level + 1, child.end, cost));
  }
  if (level === RESOURCE_LEVEL && cost.units - unitsBefore > 1)
    cost.repeatedBytes = Math.max(cost.repeatedBytes, own + largestScope);
  return own;
}

/** Finds the units of a request that `countItems` has accepted. */
export function findUnits(request: Buffer): RequestUnits {
  const scopes: ScopeUnits[] = [];
  const offsets: number[] = [];
  reader.reset(request);
  while (nextChild(0, request.length)) {
    const [resourceStart, resourceEnd] = [reader.at, found.end];
    while (nextChild(RESOURCE_LEVEL, resourceEnd)) {
      const [start, end] = [reader.at, found.end];
      const firstUnit = offsets.length / 2;
      while (nextChild(SCOPE_LEVEL, end)) {
        offsets.push(found.tagStart, found.end);
        reader.at = found.end;
      }
      const endUnit = offsets.length / 2;
      if (endUnit > firstUnit) scopes.push({ resourceStart, resourceEnd, start, end, firstUnit, endUnit });
    }
  }
  reader.release();
  return { scopes, offsets };
}

/** What a resource or a scope has beside its children. */
export function ownBytes(request: Buffer, start: number, end: number): Buffer {
  reader.reset(request);
  reader.at = start;
  const own = Buffer.allocUnsafe(measureLevel(SCOPE_LEVEL, end, { units: 0, messages: 0, repeatedBytes: 0 }));
  reader.at = start;
  let from = start;
  let size = 0;
  while (nextChild(SCOPE_LEVEL, end)) {
    size += request.copy(own, size, from, found.tagStart);
    from = reader.at = found.end;
  }
  request.copy(own, size, from, end);
  reader.release();
  return own;
}

/** The child that was found last; one object, because there may be millions. */
const found = { tagStart: 0, end: 0 };

/** Moves to the contents of the next child; undefined, and at the message's end, when there is none. */
function nextChild(level: number, end: number): { readonly tagStart: number; readonly end: number } | undefined {
  const field = level === 0 ? 1 : 2;
  while (reader.at < end) {
    const tagStart = reader.at;
    const tag = reader.varint(end);
    if (tag < 0) break;
    if (tag >>> 3 !== field) {
      if (!reader.skip(tag & 7, end)) break;
      continue;
    }
    const length = reader.length(end);
    if (length < 0) break;
    found.tagStart = tagStart;
    found.end = reader.at + length;
    return found;
  }
  reader.at = end;
  return undefined;
}
