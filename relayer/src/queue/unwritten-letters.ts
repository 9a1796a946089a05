import { describeError } from '../errors.ts';
import { MAX_UNWRITTEN } from './cursor.ts';
import type { DeadLetters } from './dead-letters.ts';
import { loadFrame, type FrameSource } from './frame-cutter.ts';
import type { FrameLedger } from './frame-ledger.ts';
import { segmentsOf, type Span } from './position.ts';
import type { Segments } from './segments.ts';
import type { Settlement } from './settlement.ts';

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 30_000;
/** So often, a second apart, nothing could be written before letters give way. */
const ATTEMPTS_BEFORE_GIVING_WAY = 60;

/** Why a letter isn't written, for now or for good. */
interface Problem {
  readonly reason: string;
  readonly isLost: boolean;
}

export interface UnwrittenLettersOptions {
  readonly dead: DeadLetters;
  readonly ledger: FrameLedger;
  readonly segments: Segments;
  readonly settlement: Settlement;
  readonly source: FrameSource;
  /** Bound of the segments that are kept for letters. */
  readonly maxBytes: number;
  /** Letters wait to be written, and why; or, without a reason, none does any more. */
  readonly onWaiting: (reason: string | undefined) => void;
  /** A letter that waited can't be read any more. */
  readonly onLost: (reason: string) => void;
}

/**
 * Puts what was given up among the dead letters. What can't be written there just now (no space, no
 * descriptor, a device that is away) waits in its segment, over restarts too, and holds up nothing:
 * its frame is sent empty, and the segments around it are deleted as they are settled.
 *
 *   add ─┬─ written
 *        ├─ can't be just now ─► its segment is kept ─┬─ tried again (1 s, 2 s … 30 s) ─► written
 *        │                                             └─ in the way of new requests ───► lost
 *        └─ larger than all letters may be, or too much is kept already ─► lost
 */
export class UnwrittenLetters {
  readonly #options: UnwrittenLettersOptions;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: NodeJS.Timeout | undefined;
  #isWaiting = false;
  /** Of the queue to become writable, since it was. */
  #attempts = 0;

  constructor(options: UnwrittenLettersOptions) {
    this.#options = options;
  }

  /** @returns why the contents of the span are lost; undefined when they are written, or will be */
  add(span: Span): string | undefined {
    const problem = this.#write(span);
    if (!problem) return undefined;
    if (problem.isLost || !this.#mayWait(span)) return problem.reason;
    const { ledger } = this.#options;
    ledger.setUnwritten([...ledger.state.unwritten, span]);
    if (!this.#isWaiting) this.#wait(problem.reason);
    return undefined;
  }

  /** Writes what waits, as far as it can be written now. */
  retry(): void {
    const { ledger, settlement, onWaiting, onLost } = this.#options;
    const { unwritten } = ledger.state;
    if (unwritten.length === 0) return;
    const left = unwritten.slice();
    let problem: Problem | undefined;
    for (const span of unwritten) {
      problem = this.#write(span);
      if (problem && !problem.isLost) break;
      if (problem) onLost(problem.reason);
      left.shift();
    }
    if (left.length < unwritten.length) {
      ledger.setUnwritten(left);
      settlement.save();
      this.#pauseMs = FIRST_PAUSE_MS;
    }
    if (left.length > 0 && problem) return this.#wait(problem.reason);
    this.#isWaiting = false;
    onWaiting(undefined);
  }

  /** The queue can be written: the letters too, perhaps. */
  onWritable(): void {
    this.#attempts = 0;
    this.retry();
  }

  /**
   * Called before each attempt to make the queue writable again on a full disk. If that goes on and there is nothing
   * to deliver, the segments of the letters may be what fills the disk, and no letter could ever be
   * written. What can still be delivered is worth more than what was refused for ever.
   */
  giveWay(isEmpty: () => boolean): void {
    const { ledger, settlement, onLost } = this.#options;
    const { unwritten } = ledger.state;
    if (unwritten.length === 0 || ++this.#attempts < ATTEMPTS_BEFORE_GIVING_WAY || !isEmpty()) return;
    this.close();
    ledger.setUnwritten([]);
    for (const _ of unwritten) onLost('the queue had nothing else to delete on a full disk');
    this.#isWaiting = false;
    settlement.makeRoom();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #wait(reason: string): void {
    if (!this.#isWaiting) this.#options.onWaiting(reason);
    this.#isWaiting = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.retry(), this.#pauseMs).unref();
    this.#pauseMs = Math.min(MAX_PAUSE_MS, 2 * this.#pauseMs);
  }

  /** Kept without a bound, segments would fill the disk whose want of space they wait for. */
  #mayWait(span: Span): boolean {
    const { ledger, segments, maxBytes } = this.#options;
    const spans = [...ledger.state.unwritten, span];
    let bytes = 0;
    for (const number of segmentsOf(spans)) bytes += segments.size(number) ?? 0;
    return spans.length <= MAX_UNWRITTEN && bytes <= maxBytes;
  }

  /** The bytes come from the queue: those of a frame that was sent are masked. */
  #write({ start, end }: Span): Problem | undefined {
    const { source, dead } = this.#options;
    try {
      const { records, sections, payload } = loadFrame(source, start, end);
      if (records === 0) return { isLost: true, reason: 'it was damaged before it could be written' };
      if (!dead.takes(payload.length)) return { isLost: true, reason: 'larger than all dead letters may be' };
      let at = 0;
      for (const { signal, items, bytes } of sections) dead.add(signal, items, payload.subarray(at, (at += bytes)));
      source.buffers.giveBack(payload);
      return undefined;
    } catch (error) {
      return { isLost: false, reason: describeError(error) };
    }
  }
}
