import { describeError } from '../errors.ts';
import { Appender } from './appender.ts';
import { CursorFile, newCursorState } from './cursor.ts';
import { DeadLetters } from './dead-letters.ts';
import { DeletedFiles } from './deleted-files.ts';
import { syncDirectory, type Disk } from './disk.ts';
import { FrameBuffers } from './frame-buffers.ts';
import { FrameLedger } from './frame-ledger.ts';
import { LogRing } from './log-ring.ts';
import { SEGMENT_HEADER_BYTES } from './record-format.ts';
import { ReadPatience } from './read-patience.ts';
import { RecordSource } from './record-source.ts';
import { SegmentReader, type Damage } from './segment-reader.ts';
import { SegmentWriter } from './segment-writer.ts';
import { Segments } from './segments.ts';
import { Settlement } from './settlement.ts';
import { UnwrittenLetters } from './unwritten-letters.ts';
import type { Writability } from './writability.ts';

export interface OpenOptions {
  readonly directory: string;
  readonly disk: Disk;
  readonly maxBytes: number;
  readonly fsync: boolean;
  readonly writability: Writability;
  readonly now: () => number;
  readonly onStored: () => void;
  readonly onReadable: () => void;
  readonly onDamage: (damage: Pick<Damage, 'records' | 'bytes'>) => void;
  readonly onLettersWaiting: (reason: string | undefined) => void;
  readonly onLetterLost: (reason: string) => void;
  readonly onDeleted: (file: string) => void;
}

/** What is open while a queue directory is in use. */
export interface OpenDirectory {
  readonly segments: Segments;
  readonly cursor: CursorFile;
  readonly writer: SegmentWriter;
  readonly appender: Appender;
  readonly records: RecordSource;
  readonly letters: UnwrittenLetters;
  readonly deleted: DeletedFiles;
  readonly ledger: FrameLedger;
  readonly settlement: Settlement;
}

const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;
const MIN_SEGMENT_BYTES = 64 * 1024;
const RING_BYTES = 4 * 1024 * 1024;

/**
 * Opens the files of a queue directory. One that was used before needs no space for it, and gets no
 * new file.
 */
export function openDirectory(options: OpenOptions): OpenDirectory {
  const { directory, disk, fsync } = options;
  const cursor = new CursorFile(directory, disk);
  try {
    const segments = new Segments(directory, disk, cursor.found?.released.segment ?? 0);
    const state =
      cursor.found ?? newCursorState({ segment: segments.first() ?? 1, offset: SEGMENT_HEADER_BYTES, unit: 0 });
    if (!cursor.found) cursor.write(state);
    if (fsync) {
      cursor.sync();
      syncDirectory(disk, directory);
    }
    return assemble(options, { cursor, segments, ledger: new FrameLedger(state) });
  } catch (error) {
    cursor.close();
    throw error;
  }
}

function assemble(
  options: OpenOptions,
  { cursor, segments, ledger }: { cursor: CursorFile; segments: Segments; ledger: FrameLedger },
): OpenDirectory {
  const { directory, disk, maxBytes, fsync, writability, onStored } = options;
  const { salt } = ledger.state;
  const firstNumber = Math.max(segments.last() ?? 0, ledger.cutPosition.segment) + 1;
  const segmentBytes = Math.min(MAX_SEGMENT_BYTES, Math.max(MIN_SEGMENT_BYTES, Math.floor(maxBytes / 16)));
  const writer = new SegmentWriter({ segments, directory, disk, salt, segmentBytes, firstNumber, fsync });
  const onFailure = (error: unknown): void => writability.failed(describeError(error));
  const patience = new ReadPatience({ now: options.now, canWrite: () => settlement.canWrite() });
  const reader = new SegmentReader({ segments, disk, salt, patience });
  const settlement = new Settlement({ ledger, cursor, segments, writer, reader, onFailure });
  const makeRoom = (): void => settlement.makeRoom();
  const ring = new LogRing(RING_BYTES, salt);
  const records = new RecordSource({ ...options, ring, writer, reader, patience });
  const lettersBytes = Math.floor(maxBytes / 8);
  const letters = new UnwrittenLetters({
    dead: new DeadLetters({ directory, disk, salt, maxBytes: lettersBytes, fsync }),
    ledger,
    segments,
    settlement,
    source: { read: (at) => records.read(at), forget: () => records.forget(), buffers: new FrameBuffers() },
    maxBytes: lettersBytes,
    onWaiting: options.onLettersWaiting,
    onLost: options.onLetterLost,
  });
  return {
    segments,
    cursor,
    writer,
    ledger,
    settlement,
    appender: new Appender({ segments, writer, ring, writability, salt, maxBytes, fsync, makeRoom, onStored }),
    records,
    letters,
    deleted: new DeletedFiles({ ...options, segments, cursor, ledger, writer, settlement, onFailure }),
  };
}
