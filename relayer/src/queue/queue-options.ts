import type { Disk } from './disk.ts';

/** Where a queue lies, how large it may be, and who is told of what happens to it. */
export interface QueueOptions {
  readonly directory: string;
  readonly maxBytes: number;
  readonly fsync: boolean;
  readonly disk?: Disk;
  /** Milliseconds of a monotonic clock. Default: `performance.now`. */
  readonly now?: () => number;
  /** Records skipped as damaged. */
  readonly onDamage: (damage: { readonly records: number; readonly bytes: number }) => void;
  /** The queue stopped or began to be writable. */
  readonly onWritable: (writable: boolean, reason: string) => void;
  /** Dead letters that could not be written wait, and why; or, without a reason, none does any more. */
  readonly onLettersWaiting?: (reason: string | undefined) => void;
  /** A dead letter that waited is lost. */
  readonly onLetterLost?: (reason: string) => void;
  /** Somebody has deleted a file while it was in use; the queue goes on with a new one. */
  readonly onDeleted?: (file: string) => void;
  /** Something about the directory that somebody should look at; the queue works all the same. */
  readonly onOddity?: (message: string, details: Readonly<Record<string, string>>) => void;
}
