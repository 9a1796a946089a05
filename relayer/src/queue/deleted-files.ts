import { basename } from 'node:path';
import type { CursorFile } from './cursor.ts';
import { isMissing, type Disk } from './disk.ts';
import type { FrameLedger } from './frame-ledger.ts';
import type { SegmentWriter } from './segment-writer.ts';
import type { Segments } from './segments.ts';
import type { Settlement } from './settlement.ts';

const INTERVAL_MS = 5000;

export interface DeletedFilesOptions {
  readonly disk: Disk;
  readonly segments: Segments;
  readonly cursor: CursorFile;
  readonly ledger: FrameLedger;
  readonly writer: SegmentWriter;
  readonly settlement: Settlement;
  readonly onDeleted: (file: string) => void;
  /** A file could not be made anew. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Notices that somebody deletes the files which are open for writing. They can be written all the
 * same, so that without a look nobody would know before the next start, when all of it is gone. A
 * deleted segment that isn't open is noticed when it is read, as damage.
 */
export class DeletedFiles {
  readonly #options: DeletedFilesOptions;
  readonly #timer: NodeJS.Timeout;
  #cursorIsTold = false;

  constructor(options: DeletedFilesOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#check(), INTERVAL_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    try {
      this.#checkSegment();
      this.#checkCursor();
    } catch (error) {
      this.#options.onFailure(error);
    }
  }

  /** What comes from now on goes to a new file. What is still in memory is delivered from there. */
  #checkSegment(): void {
    const { disk, segments, writer, settlement, onDeleted } = this.#options;
    const path = segments.path(writer.segment);
    if (segments.size(writer.segment) === undefined || !isMissing(disk, path)) return;
    onDeleted(basename(path));
    writer.finish();
    settlement.makeRoom();
  }

  /** Its contents are known. */
  #checkCursor(): void {
    const { cursor, ledger, onDeleted } = this.#options;
    if (!cursor.isDeleted()) return;
    if (!this.#cursorIsTold) onDeleted('cursor');
    this.#cursorIsTold = true;
    cursor.makeAnew(ledger.state);
    this.#cursorIsTold = false;
  }
}
