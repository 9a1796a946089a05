import type { CursorFile } from './cursor.ts';
import type { FrameLedger } from './frame-ledger.ts';
import { comparePositions, segmentsOf, type Position } from './position.ts';
import type { SegmentReader } from './segment-reader.ts';
import type { SegmentWriter } from './segment-writer.ts';
import type { Segments } from './segments.ts';

export interface SettlementOptions {
  readonly ledger: FrameLedger;
  readonly cursor: CursorFile;
  readonly segments: Segments;
  readonly writer: SegmentWriter;
  readonly reader: SegmentReader;
  /** The cursor could not be written. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Writes the ledger into the cursor file and deletes the segments that are settled, in this order:
 * a cursor that lags behind what was deleted would let segment numbers be used again.
 */
export class Settlement {
  readonly #options: SettlementOptions;

  constructor(options: SettlementOptions) {
    this.#options = options;
    this.#deleteSettled();
  }

  /** Returns when the ledger is in the file; throws when it can't be written. */
  write(): void {
    const { cursor, ledger } = this.#options;
    cursor.write(ledger.state);
    ledger.isDirty = false;
  }

  /** Writes what may wait, if there is something. */
  save(): void {
    const { ledger, onFailure } = this.#options;
    if (!ledger.isDirty) return;
    try {
      this.write();
      this.#deleteSettled();
    } catch (error) {
      onFailure(error);
    }
  }

  /** With nothing sound behind it, damage would keep its space, and the queue could stay full for ever. */
  releaseDamage(end: Position): void {
    const { ledger } = this.#options;
    if (ledger.outstandingCount > 0 || comparePositions(end, ledger.state.released) <= 0) return;
    ledger.release(end);
    this.save();
  }

  /** Tries whether something can be written through to the device. */
  canWrite(): boolean {
    try {
      this.write();
      this.#options.cursor.sync();
      return true;
    } catch {
      return false;
    }
  }

  /** The newest segment is otherwise never deleted: settled, it could keep an empty queue full for ever. */
  makeRoom(): void {
    const { ledger, writer } = this.#options;
    this.save();
    if (ledger.isDirty) return;
    const { segment, offset } = ledger.state.released;
    if (segment === writer.segment && offset >= writer.offset) writer.finish();
    this.#deleteSettled();
  }

  #deleteSettled(): void {
    const { ledger, segments, writer, reader } = this.#options;
    const { segment, offset } = ledger.state.released;
    const isSettled = segment < writer.segment && offset >= (segments.size(segment) ?? 0);
    segments.deleteBefore(isSettled ? segment + 1 : segment, segmentsOf(ledger.state.unwritten));
    reader.closeDeleted();
  }
}
