import type { NewRecord, Written } from './segment-writer.ts';
import type { StoredRecord } from './segment-reader.ts';
import type { Position } from './position.ts';
import { RECORD_HEADER_BYTES } from './record-format.ts';

interface Entry {
  readonly segment: number;
  readonly offset: number;
  readonly record: StoredRecord;
}

/** Memory a record takes beside its payload. */
const ENTRY_BYTES = 300;

/**
 * The newest records, kept in memory until they are cut into a frame, so that delivery reads
 * nothing from disk while it keeps up. The oldest are forgotten first; they are then read from disk.
 */
export class HotTail {
  readonly #maxBytes: number;
  #entries: Entry[] = [];
  #head = 0;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(records: readonly NewRecord[], { segment, offset }: Written, receivedAtMs: number): void {
    let at = offset;
    for (const { signal, items, payload } of records) {
      const next = at + RECORD_HEADER_BYTES + payload.length;
      const record = { header: { signal, items, receivedAtMs }, payload, next: { segment, offset: next, unit: 0 } };
      this.#entries.push({ segment, offset: at, record });
      this.#bytes += payload.length + ENTRY_BYTES;
      at = next;
    }
    while (this.#bytes > this.#maxBytes) this.#dropFirst();
  }

  /** The record at exactly `position`; undefined when it isn't held. Earlier ones are forgotten. */
  take(position: Position): StoredRecord | undefined {
    for (let entry = this.#entries[this.#head]; entry; entry = this.#entries[this.#head]) {
      if (entry.segment === position.segment && entry.offset === position.offset) return entry.record;
      if (entry.segment > position.segment || (entry.segment === position.segment && entry.offset > position.offset)) return undefined;
      this.#dropFirst();
    }
    return undefined;
  }

  #dropFirst(): void {
    const entry = this.#entries[this.#head];
    if (!entry) return;
    this.#bytes -= entry.record.payload.length + ENTRY_BYTES;
    this.#head++;
    if (this.#head === this.#entries.length || this.#head > 4096) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }
}
