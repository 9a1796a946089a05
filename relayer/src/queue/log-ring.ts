import { crc32 } from 'node:zlib';
import type { Position } from './position.ts';
import { encodeRecordHeader, RECORD_HEADER_BYTES } from './record-format.ts';
import type { NewRecord, Written } from './segment-writer.ts';
import type { StoredRecord } from './segment-reader.ts';

/** A record that lies in the ring. */
interface Entry extends Omit<NewRecord, 'payload'> {
  /** Where it begins, counted from the first byte ever put into the ring. */
  readonly at: number;
  readonly length: number;
  readonly receivedAtMs: number;
  segment: number;
  offset: number;
}

/**
 * The newest bytes of the log, in memory, exactly as they stand in the segment files. A request is
 * copied here once; from here it is written to the file, and from here it is cut into a frame while
 * delivery keeps up. One buffer for the life of the process: no garbage, whatever the rate.
 *
 *   ┌───────────────┬──────────────── size ─────────────┬──────────────────┐
 *   │ free          │ written, may still be read        │ batch, unwritten │   (turns round)
 *   └───────────────┴───────────────────────────────────┴──────────────────┘
 *                                                       batchAt            head
 */
export class LogRing {
  readonly #bytes: Buffer;
  readonly #salt: number;
  /** Counted from the first byte ever; modulo the size it is the place in the buffer. */
  #head = 0;
  #batchAt = 0;
  #batch: Entry[] = [];
  #entries: Entry[] = [];
  #first = 0;

  constructor(size: number, salt: number) {
    this.#bytes = Buffer.allocUnsafeSlow(size);
    this.#salt = salt;
  }

  /** Larger records don't go through the ring. */
  get maxPayloadBytes(): number {
    return this.#bytes.length / 8;
  }

  get batchBytes(): number {
    return this.#head - this.#batchAt;
  }

  /** False when the batch must be written first: it would not stay in one piece. */
  fits({ payload }: NewRecord): boolean {
    const size = this.#bytes.length;
    const needed = RECORD_HEADER_BYTES + payload.length;
    if (this.#batch.length === 0) return true;
    // From where the batch begins: at the very end of the ring, the head itself is back at 0.
    return (this.#batchAt % size) + this.batchBytes + needed <= size && this.batchBytes + needed <= size / 4;
  }

  /** Copies a record behind the batch. */
  add({ signal, items, payload }: NewRecord, receivedAtMs: number): void {
    const size = this.#bytes.length;
    const length = RECORD_HEADER_BYTES + payload.length;
    if (this.#batch.length === 0) {
      if ((this.#head % size) + length > size) this.#head += size - (this.#head % size);
      this.#batchAt = this.#head;
    }
    const at = this.#head % size;
    encodeRecordHeader(this.#bytes, at, this.#salt, {
      length: payload.length,
      items,
      signal,
      receivedAtMs,
      payloadCrc: crc32(payload),
    });
    payload.copy(this.#bytes, at + RECORD_HEADER_BYTES);
    this.#batch.push({ signal, items, at: this.#head, length, receivedAtMs, segment: 0, offset: 0 });
    this.#head += length;
  }

  /** The bytes of the batch, to be written as they are. */
  batch(): Buffer {
    const start = this.#batchAt % this.#bytes.length;
    return this.#bytes.subarray(start, start + this.batchBytes);
  }

  /** The batch stands in the file. */
  written({ segment, offset }: Written): void {
    let at = offset;
    for (const entry of this.#batch) {
      entry.segment = segment;
      entry.offset = at;
      at += entry.length;
      this.#entries.push(entry);
    }
    this.#batch = [];
    this.#batchAt = this.#head;
    this.#dropOverwritten();
  }

  /** The batch could not be written. */
  discard(): void {
    // Its bytes have replaced older ones all the same.
    this.#dropOverwritten();
    this.#head = this.#batchAt;
    this.#batch = [];
  }

  /**
   * The record at exactly `position`; undefined when it isn't in the ring. Its payload is valid
   * until the next `add`. Earlier records are forgotten.
   */
  take(position: Position): StoredRecord | undefined {
    this.#dropOverwritten();
    for (let entry = this.#entries[this.#first]; entry; entry = this.#entries[this.#first]) {
      const order = entry.segment - position.segment || entry.offset - position.offset;
      if (order > 0) return undefined;
      if (order === 0) return this.#record(entry);
      this.#dropFirst();
    }
    return undefined;
  }

  #record(entry: Entry): StoredRecord {
    const start = entry.at % this.#bytes.length;
    return {
      header: entry,
      payload: this.#bytes.subarray(start + RECORD_HEADER_BYTES, start + entry.length),
      next: { segment: entry.segment, offset: entry.offset + entry.length, unit: 0 },
    };
  }

  #dropOverwritten(): void {
    const oldest = this.#head - this.#bytes.length;
    for (let entry = this.#entries[this.#first]; entry && entry.at < oldest; entry = this.#entries[this.#first])
      this.#dropFirst();
  }

  #dropFirst(): void {
    this.#first++;
    if (this.#first === this.#entries.length) {
      this.#entries = [];
      this.#first = 0;
    } else if (this.#first > 4096) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }
}
