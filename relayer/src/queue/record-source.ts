import type { LogRing } from './log-ring.ts';
import { comparePositions, type Position } from './position.ts';
import type { ReadPatience } from './read-patience.ts';
import { READ_BYTES } from './read-windows.ts';
import type { Damage, DamageListener, SegmentReader, StoredRecord } from './segment-reader.ts';
import type { SegmentWriter } from './segment-writer.ts';

export interface RecordSourceOptions {
  readonly ring: LogRing;
  readonly writer: SegmentWriter;
  readonly reader: SegmentReader;
  readonly patience: ReadPatience;
  readonly onDamage: (damage: Pick<Damage, 'records' | 'bytes'>) => void;
  /** Reading is worth another attempt. */
  readonly onReadable: () => void;
}

/** Larger payloads are read into memory of their own, so that they outlive `forget`. */
const LARGE_BYTES = READ_BYTES;
const KEEP_LARGE_MS = 1000;

/** Where records are read from: the ring while delivery keeps up, else the segment files. */
export class RecordSource {
  readonly #options: RecordSourceOptions;
  /** A large record is split in many steps, each of which begins with reading it. */
  #large: { readonly at: Position; readonly record: StoredRecord } | undefined;
  #largeTimer: NodeJS.Timeout | undefined;
  #isWaiting = false;
  #retryTimer: NodeJS.Timeout | undefined;
  #oldest: { readonly at: Position; readonly ms: number } | undefined;
  #damagedUpTo: Position = { segment: 0, offset: 0, unit: 0 };

  constructor(options: RecordSourceOptions) {
    this.#options = options;
  }

  /** The end of the last damage that was met. */
  get damagedUpTo(): Position {
    return this.#damagedUpTo;
  }

  /** True when the last `readOrWait` found nothing for a failure that may pass. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** As `SegmentReader.read`; damage is counted. */
  read(position: Position): StoredRecord | undefined {
    return this.#read(position, (damage) => this.#noteDamage(damage));
  }

  /** What can't be read for a failure that may pass is as if it weren't there yet; `onReadable` follows. */
  readOrWait(position: Position): StoredRecord | undefined {
    this.#isWaiting = false;
    try {
      return this.read(position);
    } catch (error) {
      const { patience, onReadable } = this.#options;
      const { pauseMs } = patience;
      if (pauseMs === 0) throw error;
      this.#isWaiting = true;
      clearTimeout(this.#retryTimer);
      this.#retryTimer = setTimeout(onReadable, pauseMs).unref();
      return undefined;
    }
  }

  /** As `SegmentReader.forget`. */
  forget(): void {
    this.#options.reader.forget();
  }

  /** False also when it can't be read just now. */
  isEmptyFrom(position: Position): boolean {
    try {
      return this.#read(position, () => {}) === undefined;
    } catch {
      return false;
    } finally {
      this.forget();
    }
  }

  /** When the first record at or behind a position was received; undefined when it can't be told just now. */
  receivedAtMs(position: Position): number | undefined {
    if (this.#oldest && comparePositions(this.#oldest.at, position) === 0) return this.#oldest.ms;
    try {
      const record = this.#options.reader.read(position, () => {});
      if (record) this.#oldest = { at: position, ms: record.header.receivedAtMs };
      return record?.header.receivedAtMs;
    } catch {
      // A scrape of the metrics must not fail for want of a descriptor.
      return undefined;
    } finally {
      this.forget();
    }
  }

  close(): void {
    clearTimeout(this.#retryTimer);
    this.#forgetLarge();
    this.#options.reader.close();
  }

  #read(position: Position, onDamage: DamageListener): StoredRecord | undefined {
    const { segment, offset } = position;
    const { ring, writer } = this.#options;
    // Caught up: don't open a file to find nothing in it.
    if (segment === writer.segment && offset >= writer.offset) return undefined;
    return ring.take(position) ?? this.#readFile(position, onDamage);
  }

  #readFile(position: Position, onDamage: DamageListener): StoredRecord | undefined {
    const { segment, offset } = position;
    if (this.#large?.at.segment === segment && this.#large.at.offset === offset) {
      this.#largeTimer?.refresh();
      return this.#large.record;
    }
    this.#forgetLarge();
    const record = this.#options.reader.read(position, onDamage);
    if (record && record.payload.length > LARGE_BYTES) {
      this.#large = { at: position, record };
      this.#largeTimer = setTimeout(() => this.#forgetLarge(), KEEP_LARGE_MS).unref();
    }
    return record;
  }

  #forgetLarge(): void {
    clearTimeout(this.#largeTimer);
    this.#largeTimer = undefined;
    this.#large = undefined;
  }

  /** Until something behind it is cut, the same damage is met each time: it counts once. */
  #noteDamage({ records, bytes, end }: Damage): void {
    if (comparePositions(end, this.#damagedUpTo) <= 0) return;
    this.#damagedUpTo = end;
    this.#options.onDamage({ records, bytes });
  }
}
