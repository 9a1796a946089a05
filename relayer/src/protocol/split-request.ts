import { countItems } from './scan-request.ts';
import type { Signal } from './signal.ts';
import { fieldHead, varintSize, WireReader } from './wire.ts';

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

/** A scope or resource entry: the bytes that every part repeats, and where its units lie. */
interface ScopeEntry {
  readonly resourceIndex: number;
  readonly shared: Buffer;
  readonly units: readonly (readonly [start: number, end: number])[];
}

/**
 * The next part of a valid request, from unit `from` on, of at most `maxBytes` if it has more than
 * one unit. Each part repeats the resource and scope of its units and is a valid request itself.
 * The same arguments give the same part: a frame can be made again after a crash.
 * Undefined when no unit is left.
 */
export function takePart(request: Buffer, signal: Signal, from: number, maxBytes: number): RequestPart | undefined {
  const { resources, scopes } = readShape(request);
  const total = scopes.reduce((sum, scope) => sum + scope.units.length, 0);
  if (from >= total) return undefined;
  const draft = new PartDraft(request, resources);
  let index = 0;
  for (const scope of scopes) {
    for (const unit of scope.units) {
      if (index++ < from) continue;
      if (draft.units > 0 && draft.sizeWith(scope, unit) > maxBytes)
        return finish(draft, signal, { from, total, maxBytes });
      draft.add(scope, unit);
    }
  }
  return finish(draft, signal, { from, total, maxBytes });
}

/** The part [from, to) whatever its size: what `takePart` once answered. */
export function takeRange(request: Buffer, signal: Signal, from: number, to: number): RequestPart {
  const { resources, scopes } = readShape(request);
  const draft = new PartDraft(request, resources);
  let index = 0;
  for (const scope of scopes) {
    for (const unit of scope.units) {
      if (index >= from && index < to) draft.add(scope, unit);
      index++;
    }
  }
  return finish(draft, signal, { from, total: index, maxBytes: Number.POSITIVE_INFINITY });
}

function finish(draft: PartDraft, signal: Signal, cut: { from: number; total: number; maxBytes: number }): RequestPart {
  const bytes = draft.encode();
  const items = Math.max(0, countItems(bytes, signal));
  const to = cut.from + draft.units;
  return { from: cut.from, to, bytes, items, last: to >= cut.total, oversize: bytes.length > cut.maxBytes };
}

/** Tag and length of one nested message, at most. */
const LENGTH_ALLOWANCE = 6;

/** Collects units and knows the encoded size while doing so. */
class PartDraft {
  units = 0;
  #size = 0;
  readonly #request: Buffer;
  readonly #resources: readonly Buffer[];
  readonly #scopes: { scope: ScopeEntry; chunks: Buffer[]; size: number }[] = [];

  constructor(request: Buffer, resources: readonly Buffer[]) {
    this.#request = request;
    this.#resources = resources;
  }

  add(scope: ScopeEntry, [start, end]: readonly [number, number]): void {
    this.#size = this.sizeWith(scope, [start, end]);
    let last = this.#scopes.at(-1);
    if (last?.scope !== scope) {
      last = { scope, chunks: [scope.shared], size: scope.shared.length };
      this.#scopes.push(last);
    }
    last.chunks.push(this.#request.subarray(start, end));
    last.size += end - start;
    this.units++;
  }

  /** An upper bound of the encoded size with one more unit: exact but for a few bytes of lengths. */
  sizeWith(scope: ScopeEntry, [start, end]: readonly [number, number]): number {
    const last = this.#scopes.at(-1)?.scope;
    let size = this.#size + (end - start);
    if (last !== scope) size += scope.shared.length + LENGTH_ALLOWANCE;
    if (last?.resourceIndex !== scope.resourceIndex)
      size += (this.#resources[scope.resourceIndex]?.length ?? 0) + LENGTH_ALLOWANCE;
    return size;
  }

  encode(): Buffer {
    const chunks: Buffer[] = [];
    for (let i = 0; i < this.#scopes.length;) {
      const index = this.#scopes[i]?.scope.resourceIndex ?? 0;
      const shared = this.#resources[index] ?? Buffer.alloc(0);
      const inner: Buffer[] = [shared];
      let size = shared.length;
      for (; this.#scopes[i]?.scope.resourceIndex === index; i++) {
        const entry = this.#scopes[i];
        if (!entry) break;
        inner.push(fieldHead(2, entry.size));
        // One by one: a scope may have more chunks than a call may have arguments.
        for (const chunk of entry.chunks) inner.push(chunk);
        size += 1 + varintSize(entry.size) + entry.size;
      }
      chunks.push(fieldHead(1, size));
      for (const part of inner) chunks.push(part);
    }
    return Buffer.concat(chunks);
  }
}

interface Shape {
  readonly resources: readonly Buffer[];
  readonly scopes: readonly ScopeEntry[];
}

// A large request is cut many times in a row.
const shapes = new WeakMap<Buffer, Shape>();

/** Reads resources and scopes of a request that `countItems` has accepted. */
function readShape(request: Buffer): Shape {
  const known = shapes.get(request);
  if (known) return known;
  const resources: Buffer[] = [];
  const scopes: ScopeEntry[] = [];
  for (const resource of readLevel(request, 0, request.length, 1).children) {
    const level = readLevel(request, resource.start, resource.end, 2);
    resources.push(Buffer.concat(level.others));
    for (const scope of level.children) {
      const { others, children } = readLevel(request, scope.start, scope.end, 2);
      const units = children.map(({ tagStart, end }) => [tagStart, end] as const);
      scopes.push({ resourceIndex: resources.length - 1, shared: Buffer.concat(others), units });
    }
  }
  const shape = { resources, scopes };
  shapes.set(request, shape);
  return shape;
}

interface Child {
  readonly tagStart: number;
  readonly start: number;
  readonly end: number;
}

function readLevel(
  bytes: Buffer,
  start: number,
  end: number,
  childField: number,
): { others: Buffer[]; children: Child[] } {
  const reader = new WireReader();
  reader.reset(bytes);
  reader.at = start;
  const others: Buffer[] = [];
  const children: Child[] = [];
  while (reader.at < end) {
    const tagStart = reader.at;
    const tag = reader.varint(end);
    if (tag < 0) break;
    if (tag >>> 3 === childField) {
      const length = reader.length(end);
      if (length < 0) break;
      children.push({ tagStart, start: reader.at, end: reader.at + length });
      reader.at += length;
    } else {
      if (!reader.skip(tag & 7, end)) break;
      others.push(bytes.subarray(tagStart, reader.at));
    }
  }
  return { others, children };
}
