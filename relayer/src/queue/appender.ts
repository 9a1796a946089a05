import { crc32 } from 'node:zlib';
import { describeError } from '../errors.ts';
import type { LogRing } from './log-ring.ts';
import { encodeRecordHeader, RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES } from './record-format.ts';
import type { NewRecord, SegmentWriter } from './segment-writer.ts';
import type { Segments } from './segments.ts';
import type { Writability } from './writability.ts';

/** What became of an offered request. `full` and `unwritable` pass: the sender should try again. Even an empty queue has no room for one that is `too_large`. */
export type OfferOutcome = 'stored' | 'full' | 'unwritable' | 'too_large';

type Done = (outcome: OfferOutcome) => void;

export interface AppenderOptions {
  readonly segments: Segments;
  readonly writer: SegmentWriter;
  readonly ring: LogRing;
  readonly writability: Writability;
  readonly salt: number;
  readonly maxBytes: number;
  readonly fsync: boolean;
  /** Asked to delete what is settled before a request is refused. */
  readonly makeRoom: () => void;
  /** Called after each batch, when its senders were told. */
  readonly onStored: () => void;
}

/**
 * The queue's way in. Requests of one turn of the event loop are written together, and told when
 * they are in the file; with `fsync`, when they are on the device.
 *
 *   offer ─► ring (batch) ─► one write ─┬───────────────────► done
 *                                       └► one fsync for all ─► done
 */
export class Appender {
  readonly #options: AppenderOptions;
  /** Who waits for the batch that is in the ring. */
  #waiting: Done[] = [];
  #awaitingSync: Done[] = [];
  #syncing = false;

  constructor(options: AppenderOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  /** The payload is copied or written before this returns. */
  offer(record: NewRecord, done: Done): void {
    const { segments, ring, writability, maxBytes, makeRoom } = this.#options;
    if (!writability.writable) return done('unwritable');
    const bytes = record.payload.length + RECORD_HEADER_BYTES + SEGMENT_HEADER_BYTES;
    if (bytes > maxBytes) return done('too_large');
    const isFull = (): boolean => segments.totalBytes + ring.batchBytes + bytes > maxBytes;
    if (isFull() && this.isIdle) makeRoom();
    if (isFull()) return done('full');
    if (record.payload.length > ring.maxPayloadBytes) return this.#storeLarge(record, done);
    if (!ring.fits(record)) this.flush();
    if (this.#waiting.length === 0) setImmediate(() => this.flush());
    ring.add(record, Date.now());
    this.#waiting.push(done);
  }

  flush(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    const { writer, ring } = this.#options;
    this.#waiting = [];
    try {
      ring.written(writer.append(ring.batch()));
    } catch (error) {
      ring.discard();
      return this.#refuse(waiting, error);
    }
    this.#confirm(waiting);
  }

  /** Writes what waits and tells everybody. */
  async stop(): Promise<void> {
    this.flush();
    while (this.#syncing) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Too large for the ring: written at once, and read from the file later. */
  #storeLarge({ signal, items, payload }: NewRecord, done: Done): void {
    this.flush();
    const head = Buffer.alloc(RECORD_HEADER_BYTES);
    const header = { length: payload.length, items, signal, receivedAtMs: Date.now(), payloadCrc: crc32(payload) };
    encodeRecordHeader(head, 0, this.#options.salt, header);
    try {
      this.#options.writer.append(head, payload);
    } catch (error) {
      return this.#refuse([done], error);
    }
    this.#confirm([done]);
  }

  #refuse(waiting: readonly Done[], error: unknown): void {
    this.#options.writability.failed(describeError(error));
    for (const done of waiting) done('unwritable');
  }

  #confirm(waiting: readonly Done[]): void {
    const tell = (outcome: OfferOutcome): void => {
      for (const done of waiting) done(outcome);
      this.#options.onStored();
    };
    if (!this.#options.fsync) return tell('stored');
    this.#awaitingSync.push(tell);
    this.#syncGroup();
  }

  /** One fsync for everything written since the one before began. */
  #syncGroup(): void {
    if (this.#syncing || this.#awaitingSync.length === 0) return;
    const group = this.#awaitingSync;
    this.#awaitingSync = [];
    this.#syncing = true;
    this.#options.writer.sync((error) => {
      this.#syncing = false;
      if (error) {
        this.#options.writability.failed(describeError(error));
        // Pages that were lost are told of once: a later fsync would say that all is well.
        group.push(...this.#awaitingSync.splice(0));
      }
      for (const tell of group) tell(error ? 'unwritable' : 'stored');
      this.#syncGroup();
    });
  }
}
