import { countItems } from './scan-request.ts';
import { findUnits, ownBytes, type RequestUnits, type ScopeUnits } from './request-units.ts';
import type { Signal } from './signal.ts';
import { varintSize, writeFieldHead } from './wire.ts';

/**
 * A part of a request. A cut can only be made between spans, log records or metrics; these are the
 * units that `from` and `to` number. (A metric is one unit however many data points it has.)
 */
export interface RequestPart {
  readonly from: number;
  readonly to: number;
  readonly bytes: Buffer;
  readonly items: number;
  /** True when no unit follows. */
  readonly last: boolean;
  /** True when this single unit is larger than asked for. */
  readonly oversize: boolean;
}

/**
 * The next part of a valid request, from unit `from` on, of at most `maxBytes` if it has more than
 * one unit. Each part repeats the resource and scope of its units and is a valid request itself.
 * The same arguments give the same part: a frame can be made again after a crash.
 * Undefined when no unit is left.
 */
export function takePart(request: Buffer, signal: Signal, from: number, maxBytes: number): RequestPart | undefined {
  const shape = shapeOf(request);
  if (from >= shape.total) return undefined;
  return cut(shape, signal, { from, to: findEnd(shape, from, maxBytes), maxBytes });
}

/** The part [from, to) whatever its size: what `takePart` once answered. */
export function takeRange(request: Buffer, signal: Signal, from: number, to: number): RequestPart {
  const shape = shapeOf(request);
  return cut(shape, signal, { from, to: Math.min(to, shape.total), maxBytes: Number.POSITIVE_INFINITY });
}

interface Cut {
  readonly from: number;
  readonly to: number;
  readonly maxBytes: number;
}

function cut(shape: Shape, signal: Signal, { from, to, maxBytes }: Cut): RequestPart {
  const bytes = encode(shape, from, to);
  const items = Math.max(0, countItems(bytes, signal));
  return { from, to, bytes, items, last: to >= shape.total, oversize: bytes.length > maxBytes };
}

/** A request, where its units lie, and what its parts repeat. */
interface Shape extends RequestUnits {
  readonly request: Buffer;
  readonly total: number;
  /** What was repeated last: the next part mostly needs the same. */
  readonly resource: Repeated;
  readonly scope: Repeated;
}

interface Repeated {
  /** Where its message begins. */
  start: number;
  bytes: Buffer;
}

// A large request is cut many times in a row.
const shapes = new WeakMap<Buffer, Shape>();

function shapeOf(request: Buffer): Shape {
  const known = shapes.get(request);
  if (known) return known;
  const units = findUnits(request);
  const nothing = (): Repeated => ({ start: -1, bytes: Buffer.alloc(0) });
  const shape = { ...units, request, total: units.offsets.length / 2, resource: nothing(), scope: nothing() };
  shapes.set(request, shape);
  return shape;
}

function resourceBytes({ request, resource }: Shape, { resourceStart, resourceEnd }: ScopeUnits): Buffer {
  return repeat(request, resource, resourceStart, resourceEnd);
}

function scopeBytes({ request, scope }: Shape, { start, end }: ScopeUnits): Buffer {
  return repeat(request, scope, start, end);
}

function repeat(request: Buffer, last: Repeated, start: number, end: number): Buffer {
  if (last.start === start) return last.bytes;
  last.bytes = ownBytes(request, start, end);
  last.start = start;
  return last.bytes;
}

/** Tag and length of one nested message, at most. */
const LENGTH_ALLOWANCE = 6;

/** Where a part that begins at unit `from` ends: behind at least one unit. */
function findEnd(shape: Shape, from: number, maxBytes: number): number {
  // An upper bound of the encoded size: exact but for a few bytes of lengths.
  let size = 0;
  let resource: number | undefined;
  for (let i = scopeAt(shape, from); i < shape.scopes.length; i++) {
    const scope = shape.scopes[i] as ScopeUnits;
    let more = LENGTH_ALLOWANCE + scopeBytes(shape, scope).length;
    if (resource !== scope.resourceStart) more += LENGTH_ALLOWANCE + resourceBytes(shape, scope).length;
    resource = scope.resourceStart;
    for (let unit = Math.max(from, scope.firstUnit); unit < scope.endUnit; unit++) {
      more += unitSize(shape, unit);
      if (unit > from && size + more > maxBytes) return unit;
      size += more;
      more = 0;
    }
  }
  return shape.total;
}

function unitSize({ offsets }: Shape, unit: number): number {
  return (offsets[2 * unit + 1] as number) - (offsets[2 * unit] as number);
}

/** The index of the scope that has a unit. */
function scopeAt({ scopes }: Shape, unit: number): number {
  let low = 0;
  let high = scopes.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((scopes[middle] as ScopeUnits).firstUnit <= unit) low = middle;
    else high = middle;
  }
  return low;
}

/** A scope's message in a part: units [from, to). */
interface ScopePart {
  readonly scope: ScopeUnits;
  readonly from: number;
  readonly to: number;
  readonly size: number;
}

interface ResourcePart {
  readonly scopes: ScopePart[];
  size: number;
}

function encode(shape: Shape, from: number, to: number): Buffer {
  const resources = groupByResource(shape, from, to);
  const total = resources.reduce((sum, { size }) => sum + 1 + varintSize(size) + size, 0);
  const target = Buffer.allocUnsafe(total);
  let at = 0;
  for (const { size, scopes } of resources) {
    at = writeFieldHead(target, at, 1, size);
    at += resourceBytes(shape, (scopes[0] as ScopePart).scope).copy(target, at);
    for (const part of scopes) {
      at = writeFieldHead(target, at, 2, part.size);
      at += scopeBytes(shape, part.scope).copy(target, at);
      at = copyUnits(shape, part, target, at);
    }
  }
  return target;
}

/** The messages of a part with units [from, to), with their encoded sizes. */
function groupByResource(shape: Shape, from: number, to: number): ResourcePart[] {
  const resources: ResourcePart[] = [];
  let resource: number | undefined;
  for (let i = scopeAt(shape, from); i < shape.scopes.length; i++) {
    const scope = shape.scopes[i] as ScopeUnits;
    if (scope.firstUnit >= to) break;
    const part = { scope, from: Math.max(from, scope.firstUnit), to: Math.min(to, scope.endUnit) };
    let size = scopeBytes(shape, scope).length;
    for (let unit = part.from; unit < part.to; unit++) size += unitSize(shape, unit);
    if (resource !== scope.resourceStart) resources.push({ scopes: [], size: resourceBytes(shape, scope).length });
    resource = scope.resourceStart;
    const last = resources.at(-1) as ResourcePart;
    last.scopes.push({ ...part, size });
    last.size += 1 + varintSize(size) + size;
  }
  return resources;
}

/** Copies units, those that lie one behind the other at once. */
function copyUnits({ request, offsets }: Shape, { from, to }: ScopePart, target: Buffer, at: number): number {
  let next = at;
  for (let unit = from; unit < to;) {
    const start = offsets[2 * unit] as number;
    let end = offsets[2 * unit + 1] as number;
    for (unit++; unit < to && offsets[2 * unit] === end; unit++) end = offsets[2 * unit + 1] as number;
    next += request.copy(target, next, start, end);
  }
  return next;
}
