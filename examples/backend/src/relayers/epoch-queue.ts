import type { DecodedFrame, EpochClaim, FrameStore, StoredFrame } from '../store/frame-store.ts';
import { decodeSection } from '../telemetry/decode.ts';
import { addRows, noRows, type TelemetryRows } from '../telemetry/rows.ts';
import type { FrameHeader } from './frame-header.ts';

/** The answer to a frame, as it goes over the wire: section 5 of the protocol. */
export type FrameAnswer =
  | { readonly status: 'acknowledged'; readonly sequence: number }
  | { readonly status: 'retry'; readonly afterMs: number }
  | { readonly status: 'refused'; readonly code: string }
  | { readonly status: 'gap'; readonly acknowledged: number };

export interface WaitingFrame {
  readonly kind: 'frame';
  readonly owner: string;
  readonly header: FrameHeader;
  readonly payload: Buffer;
  /** Undefined: a later connection has taken over, there is nothing to answer. */
  readonly answer: (answer: FrameAnswer | undefined) => void;
}
export interface WaitingHello {
  readonly kind: 'hello';
  readonly owner: string;
  /** Undefined: the store is away. */
  readonly answer: (acknowledged: number | undefined) => void;
}

/** Told about everything that happens to frames. */
export interface EpochObserver {
  onStored(frames: readonly WaitingFrame[], rows: TelemetryRows, clusterId: string, seconds: number): void;
  onAnswer(kind: FrameAnswer['status'] | 'duplicate' | 'superseded'): void;
  onStoreError(error: unknown): void;
  onDone(frame: WaitingFrame): void;
}

/** Frames stored in one transaction: it is the commit that costs. */
const BATCH_FRAMES = 32;
const BATCH_BYTES = 4 * 1024 * 1024;
const RETRY_AFTER_MS = 1_000;

/**
 * Everything that waits for one epoch on this node, handled in the order in which it came, whatever
 * connection it came over. Between nodes the order is kept by the store.
 */
export class EpochQueue {
  readonly #store: FrameStore;
  readonly #observer: EpochObserver;
  readonly #cluster: Pick<EpochClaim, 'clusterId' | 'epoch'>;
  readonly #waiting: (WaitingFrame | WaitingHello)[] = [];
  #running: Promise<void> | undefined;

  constructor(store: FrameStore, cluster: Pick<EpochClaim, 'clusterId' | 'epoch'>, observer: EpochObserver) {
    this.#store = store;
    this.#cluster = cluster;
    this.#observer = observer;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#running === undefined;
  }

  /** @returns when the queue is empty again */
  add(item: WaitingFrame | WaitingHello): Promise<void> {
    this.#waiting.push(item);
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Forgets what has not begun to be stored, unanswered: for when nobody is there to be answered. */
  clear(): void {
    for (const item of this.#waiting.splice(0)) if (item.kind === 'frame') this.#observer.onDone(item);
  }

  async #run(): Promise<void> {
    // Frames that come in the same turn of the event loop make one transaction.
    await new Promise((resolve) => setImmediate(resolve));
    for (let head = this.#waiting[0]; head; head = this.#waiting[0]) {
      if (head.kind === 'hello') {
        this.#waiting.shift();
        await this.#greet(head);
      } else {
        await this.#storeBatch(this.#takeBatch(head.owner));
      }
    }
    // In the same turn as the last look at the list: nothing can be added in between.
    this.#running = undefined;
  }

  async #greet({ owner, answer }: WaitingHello): Promise<void> {
    try {
      answer(await this.#store.hello({ ...this.#cluster, owner }));
    } catch (error) {
      this.#observer.onStoreError(error);
      answer(undefined);
    }
  }

  #takeBatch(owner: string): WaitingFrame[] {
    const batch: WaitingFrame[] = [];
    let bytes = 0;
    for (let next = this.#waiting[0]; next?.kind === 'frame' && next.owner === owner; next = this.#waiting[0]) {
      bytes += next.payload.length;
      if (batch.length > 0 && (bytes > BATCH_BYTES || batch.length >= BATCH_FRAMES)) break;
      batch.push(next);
      this.#waiting.shift();
    }
    return batch;
  }

  async #storeBatch(batch: readonly WaitingFrame[]): Promise<void> {
    const decoded = batch.map(({ header, payload }) => decodeFrame(header, payload));
    const begin = performance.now();
    let results: (StoredFrame | { readonly status: 'retry' })[];
    try {
      results = await this.#store.store({ ...this.#cluster, owner: batch[0]?.owner ?? '' }, decoded);
    } catch (error) {
      this.#observer.onStoreError(error);
      // A value that the store takes in no form must not hold up its neighbours: one by one.
      if (isDataError(error) && batch.length > 1) {
        for (const frame of batch) await this.#storeBatch([frame]);
        return;
      }
      results = batch.map(() => ({ status: isDataError(error) ? 'refused' : 'retry' }));
    }
    this.#report(batch, decoded, results, (performance.now() - begin) / 1000);
  }

  #report(
    batch: readonly WaitingFrame[],
    decoded: readonly DecodedFrame[],
    results: readonly (StoredFrame | { readonly status: 'retry' })[],
    seconds: number,
  ): void {
    const rows = noRows();
    const stored: WaitingFrame[] = [];
    for (const [i, frame] of batch.entries()) {
      const result = results[i] ?? { status: 'retry' };
      const isNew = result.status === 'acknowledged' && result.stored;
      if (isNew) {
        stored.push(frame);
        addRows(rows, decoded[i]?.rows ?? noRows());
      }
      this.#observer.onAnswer(result.status === 'acknowledged' && !isNew ? 'duplicate' : result.status);
      this.#observer.onDone(frame);
      frame.answer(toAnswer(result));
    }
    if (stored.length > 0) this.#observer.onStored(stored, rows, this.#cluster.clusterId, seconds);
  }
}

/** Without rows when a section is not an export request of its signal. */
export function decodeFrame({ sequence, sections }: FrameHeader, payload: Buffer): DecodedFrame {
  const rows = noRows();
  let at = 0;
  for (const { signal, bytes } of sections) {
    const part = decodeSection(signal, payload.subarray(at, at + bytes));
    at += bytes;
    if (!part) return { sequence, rows: undefined };
    addRows(rows, part);
  }
  return { sequence, rows };
}

function toAnswer(result: StoredFrame | { readonly status: 'retry' }): FrameAnswer | undefined {
  switch (result.status) {
    case 'acknowledged':
      return { status: 'acknowledged', sequence: result.sequence };
    case 'gap':
      return { status: 'gap', acknowledged: result.acknowledged };
    case 'refused':
      return { status: 'refused', code: 'invalid_data' };
    case 'retry':
      return { status: 'retry', afterMs: RETRY_AFTER_MS };
    case 'superseded':
      return undefined;
  }
}

/** Classes 22 (data), 23 (integrity) and 54 (limits) of PostgreSQL, or rows without end: the same rows fail again. */
function isDataError(error: unknown): boolean {
  if (error instanceof RangeError) return true;
  return /^(22|23|54)/.test(String((error as { code?: unknown } | null)?.code ?? ''));
}
