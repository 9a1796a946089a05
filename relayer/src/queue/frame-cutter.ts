import { SIGNALS, type Signal } from '../protocol/signal.ts';
import type { Section } from '../protocol/frames.ts';
import { takePart, takeRange } from '../protocol/split-request.ts';
import type { FrameBuffers } from './frame-buffers.ts';
import { comparePositions, type Position } from './position.ts';
import { RECORD_HEADER_BYTES } from './record-format.ts';
import type { StoredRecord } from './segment-reader.ts';

/** How large a frame may be. */
export interface CutLimits {
  /** No frame is larger, unless a single span, log record or metric is. */
  readonly maxBytes: number;
  /** Records are added while the frame stays below this. */
  readonly targetBytes: number;
  /** Lowered to find the record that the backend refuses. */
  readonly maxRecords: number;
}

/** The contents of one frame: per signal one valid export request. */
export interface FrameContents {
  readonly end: Position;
  readonly sections: readonly Section[];
  readonly payload: Buffer;
  readonly records: number;
  readonly oldestMs: number;
  /** A single unit larger than `maxBytes`: it can't be sent. */
  readonly oversize: boolean;
}

/** Where records come from, and the memory that frames are put together in. */
export interface FrameSource {
  /** The first record at or behind a position. Its payload is valid until `forget`. */
  readonly read: (position: Position) => StoredRecord | undefined;
  /** The records that were read so far are used no more: another frame begins. */
  readonly forget: () => void;
  readonly buffers: FrameBuffers;
}

/** Puts records together into a frame, or cuts a large one. Undefined when there is no record. */
export function cutFrame(source: FrameSource, start: Position, limits: CutLimits): FrameContents | undefined {
  const { read } = source;
  const draft = new FrameDraft(source);
  let position = start;
  for (let record = read(position); record; record = read(position)) {
    const size = record.payload.length;
    const unit = isAt(record, position) ? position.unit : 0;
    if (unit > 0 || size > limits.maxBytes) {
      if (draft.records > 0) break;
      const part = takePart(record.payload, record.header.signal, unit, limits.maxBytes);
      if (part) {
        draft.add(record, part.bytes, part.items);
        // The record may lie behind damage: its own place, not the one we looked at.
        const own = { segment: record.next.segment, offset: startOf(record), unit: part.to };
        return draft.finish(part.last ? record.next : own, part.oversize);
      }
      position = record.next;
      continue;
    }
    if (draft.records > 0 && draft.bytes + size > Math.min(limits.targetBytes, limits.maxBytes)) break;
    draft.add(record, record.payload, record.header.items);
    position = record.next;
    if (draft.records >= limits.maxRecords || draft.bytes >= limits.targetBytes) break;
  }
  return draft.records > 0 ? draft.finish(position, false) : undefined;
}

/** The contents of a frame that was cut before: the same unless records were damaged since. */
export function loadFrame(source: FrameSource, start: Position, end: Position): FrameContents {
  const draft = new FrameDraft(source);
  let position = start;
  // The record behind the end may be large, or not to be read just now.
  while (comparePositions(position, end) < 0) {
    const record = source.read(position);
    if (!record) break;
    const own = { segment: record.next.segment, offset: startOf(record), unit: 0 };
    if (comparePositions(own, end) >= 0) break;
    const from = isAt(record, position) ? position.unit : 0;
    const to = own.segment === end.segment && own.offset === end.offset ? end.unit : Number.POSITIVE_INFINITY;
    if (from === 0 && to === Number.POSITIVE_INFINITY) draft.add(record, record.payload, record.header.items);
    else {
      const part = takeRange(record.payload, record.header.signal, from, to);
      draft.add(record, part.bytes, part.items);
    }
    if (to !== Number.POSITIVE_INFINITY) break;
    position = record.next;
  }
  return draft.finish(end, false);
}

/** A frame whose contents were given up. */
export function emptyFrame(end: Position): FrameContents {
  return {
    end,
    sections: [],
    payload: Buffer.alloc(0),
    records: 0,
    oldestMs: Number.POSITIVE_INFINITY,
    oversize: false,
  };
}

/** False when the record that `position` means was damaged, and this is the next sound one. */
function isAt(record: StoredRecord, { segment, offset }: Position): boolean {
  return record.next.segment === segment && startOf(record) === offset;
}

function startOf(record: StoredRecord): number {
  return record.next.offset - record.payload.length - RECORD_HEADER_BYTES;
}

class FrameDraft {
  records = 0;
  bytes = 0;
  readonly #source: FrameSource;
  #oldestMs = Number.POSITIVE_INFINITY;
  readonly #chunks: Record<Signal, Buffer[]> = { traces: [], logs: [], metrics: [] };
  readonly #items: Record<Signal, number> = { traces: 0, logs: 0, metrics: 0 };

  constructor(source: FrameSource) {
    this.#source = source;
    // Here and not in `finish`: a frame that can't be read to its end has none.
    source.forget();
  }

  add({ header }: StoredRecord, bytes: Buffer, items: number): void {
    this.#chunks[header.signal].push(bytes);
    this.#items[header.signal] += items;
    this.#oldestMs = Math.min(this.#oldestMs, header.receivedAtMs);
    this.bytes += bytes.length;
    this.records++;
  }

  finish(end: Position, oversize: boolean): FrameContents {
    const sections = SIGNALS.filter((signal) => this.#chunks[signal].length > 0).map((signal) => ({
      signal,
      bytes: this.#chunks[signal].reduce((sum, chunk) => sum + chunk.length, 0),
      items: this.#items[signal],
    }));
    const payload = this.#source.buffers.take(this.bytes);
    let at = 0;
    for (const signal of SIGNALS) for (const chunk of this.#chunks[signal]) at += chunk.copy(payload, at);
    return { end, sections, payload, records: this.records, oldestMs: this.#oldestMs, oversize };
  }
}
