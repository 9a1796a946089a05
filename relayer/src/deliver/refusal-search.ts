import type { Frame } from '../queue/disk-queue.ts';
import { comparePositions, type Position } from '../queue/position.ts';

/**
 * Finds the record that the backend refuses: frames are cut with fewer and fewer records, up to
 * where the refused one ended. It outlives connections, which may be shorter than the search.
 *
 *   cut whole ── refused ──► cut in halves ── refused again ──► … one record
 *       ▲                          │
 *       └── cut behind the end ────┘
 */
export class RefusalSearch {
  #until: Position | undefined;
  #maxRecords = Number.POSITIVE_INFINITY;

  /** How many records the next frame may hold. */
  get maxRecords(): number {
    return this.#maxRecords;
  }

  /** A frame of several records was refused. */
  narrow({ end, records }: Pick<Frame, 'end' | 'records'>): void {
    if (!this.#until || comparePositions(this.#until, end) < 0) this.#until = end;
    this.#maxRecords = Math.ceil(records / 2);
  }

  /** A frame was cut. */
  noteCut(end: Position): void {
    if (!this.#until || comparePositions(end, this.#until) < 0) return;
    this.#until = undefined;
    this.#maxRecords = Number.POSITIVE_INFINITY;
  }
}
