import type { Component } from '../component.ts';
import { describeError, RelayerError } from '../errors.ts';
import type { Section } from '../protocol/frames.ts';
import { Appender, type OfferOutcome } from './appender.ts';
import { CursorFile, framesOf, MAX_OUTSTANDING_FRAMES, newCursorState, type CursorState } from './cursor.ts';
import { DeadLetters } from './dead-letters.ts';
import { realDisk, type Disk } from './disk.ts';
import { FrameBuffers } from './frame-buffers.ts';
import { cutFrame, loadFrame, type CutLimits, type FrameContents, type FrameSource } from './frame-cutter.ts';
import { LogRing } from './log-ring.ts';
import { comparePositions, type FrameRange, type Position } from './position.ts';
import { SEGMENT_HEADER_BYTES } from './record-format.ts';
import { SegmentReader, type Damage, type DamageListener, type StoredRecord } from './segment-reader.ts';
import { SegmentWriter, type NewRecord } from './segment-writer.ts';
import { Segments } from './segments.ts';
import { Writability } from './writability.ts';

export interface QueueOptions {
  readonly directory: string;
  readonly maxBytes: number;
  readonly fsync: boolean;
  readonly disk?: Disk;
  /** Records skipped as damaged. */
  readonly onDamage: (damage: { readonly records: number; readonly bytes: number }) => void;
  /** The queue stopped or began to be writable. */
  readonly onWritable: (writable: boolean, reason: string) => void;
}

/** A frame with its number, ready to be sent. */
export interface Frame extends FrameContents {
  readonly sequence: number;
}

export interface QueueStats {
  /** Waiting for an acknowledgement. */
  readonly pendingBytes: number;
  readonly diskBytes: number;
  readonly oldestMs: number | undefined;
}

const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;
const RING_BYTES = 4 * 1024 * 1024;

/**
 * A durable first-in-first-out queue of export requests.
 *
 *   offer ─► batch ─► segment files ─► cut into numbered frames ─► acknowledge ─► segments deleted
 *             (one write a tick)        (numbers in `cursor`)
 *
 *   ──────────┬──────────────────────────┬────────────────────────┬──────────► positions
 *          released              last outstanding frame's end    writer's offset
 *             └ frames acknowledged+1, +2 … ┘└──── not yet cut ─────┘
 */
export class DiskQueue implements Component {
  readonly #options: QueueOptions;
  readonly #disk: Disk;
  #open:
    | {
        segments: Segments;
        appender: Appender;
        writer: SegmentWriter;
        reader: SegmentReader;
        ring: LogRing;
        cursor: CursorFile;
        dead: DeadLetters;
      }
    | undefined;
  readonly #writability: Writability;
  readonly #buffers = new FrameBuffers();
  #state: CursorState;
  #stateDirty = false;
  #oldest: { at: Position; ms: number } | undefined;
  #large: { readonly segment: number; readonly offset: number; readonly record: StoredRecord } | undefined;
  #damagedUpTo: Position = { segment: 0, offset: 0, unit: 0 };
  #onStored: () => void = () => {};

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#disk = options.disk ?? realDisk;
    this.#writability = new Writability({
      directory: options.directory,
      disk: this.#disk,
      onChange: options.onWritable,
    });
    this.#state = newCursorState({ segment: 1, offset: SEGMENT_HEADER_BYTES, unit: 0 });
  }

  /** Opens the directory and creates it if needed. Takes the same time whatever the backlog. */
  start(): Promise<void> {
    try {
      this.#openDirectory();
    } catch (error) {
      return Promise.reject(
        new RelayerError(
          'queue-unavailable',
          `the queue directory ${this.#options.directory} can't be used: ${describeError(error)}. It must be writable by this process`,
          { cause: error },
        ),
      );
    }
    this.#writability.succeeded();
    return Promise.resolve();
  }

  /** Writes what was offered and closes all files. */
  async stop(): Promise<void> {
    if (!this.#open) return;
    await this.#open.appender.stop();
    this.#saveState();
    this.#writability.stop();
    for (const file of [this.#open.writer, this.#open.reader, this.#open.cursor]) file.close();
    this.#open = undefined;
  }

  get writable(): boolean {
    return this.#writability.writable;
  }

  get epoch(): string {
    return this.#state.epoch;
  }

  /** The highest sequence whose acknowledgement is known. */
  get acknowledged(): number {
    return this.#state.acknowledged;
  }

  /** Called after a batch was stored. */
  onStored(listener: () => void): void {
    this.#onStored = listener;
  }

  /**
   * `done` is called once the outcome is certain: `stored` means that it is in the file. The
   * payload is copied or written before this returns.
   */
  offer(record: NewRecord, done: (outcome: OfferOutcome) => void): void {
    if (this.#open) this.#open.appender.offer(record, done);
    else done('unwritable');
  }

  /** The frames that were cut and not acknowledged, oldest first. Their contents come from `load`. */
  outstanding(): FrameRange[] {
    return framesOf(this.#state);
  }

  /** Reads a frame again, after a restart or a lost connection. */
  load(range: FrameRange): Frame {
    // Damage was counted when the frame was cut; this only looks again.
    return {
      sequence: range.sequence,
      ...loadFrame(
        this.#source(() => {}),
        range.start,
        range.end,
      ),
    };
  }

  /** True when at least `bytes` of records wait to be cut. */
  hasUncut(bytes: number): boolean {
    const { segment, offset } = this.#cutPosition();
    const { writer } = this.#open ?? {};
    if (!writer) return false;
    return writer.segment > segment
      ? writer.segment > segment + 1 || writer.offset >= bytes
      : writer.offset - offset >= bytes;
  }

  /** The frame's contents are read no more: their memory is used again. */
  recycle(frame: Frame): void {
    this.#buffers.giveBack(frame.payload);
  }

  /** Cuts the next frame and gives it its number; undefined when nothing waits. */
  cut(limits: CutLimits): Frame | undefined {
    if (!this.#open || this.#state.frameEnds.length >= MAX_OUTSTANDING_FRAMES) return undefined;
    const start = this.#cutPosition();
    const contents = cutFrame(
      this.#source((damage) => this.#noteDamage(damage)),
      start,
      limits,
    );
    if (!contents) return undefined;
    this.#state = { ...this.#state, frameEnds: [...this.#state.frameEnds, contents.end] };
    // Before the frame is sent: what its number stands for must survive a crash.
    this.#writeState();
    if (this.#options.fsync) this.#open.cursor.sync();
    return { sequence: this.#state.acknowledged + this.#state.frameEnds.length, ...contents };
  }

  /** Everything up to `sequence` is at the backend, or given up: its space is free. */
  acknowledge(sequence: number): void {
    const count = Math.min(sequence - this.#state.acknowledged, this.#state.frameEnds.length);
    const released = this.#state.frameEnds[count - 1];
    if (!released) return;
    this.#state = {
      ...this.#state,
      acknowledged: this.#state.acknowledged + count,
      released,
      frameEnds: this.#state.frameEnds.slice(count),
    };
    if (this.#stateDirty) return;
    this.#stateDirty = true;
    setImmediate(() => this.#saveState());
  }

  /** Forgets the frames from `sequence` on, which the backend has not: their records are cut anew. */
  rewind(sequence: number): void {
    const keep = Math.max(0, sequence - this.#state.acknowledged - 1);
    this.#state = { ...this.#state, frameEnds: this.#state.frameEnds.slice(0, keep) };
  }

  /** The backend has lost or forgotten this epoch: what is not acknowledged is numbered from 1 again. */
  beginEpoch(): void {
    this.#state = newCursorState(this.#state.released, this.#state.salt);
    this.#writeState();
  }

  /** Puts a request aside for good. False when even that failed. */
  deadLetter(sections: readonly Section[], payload: Buffer): boolean {
    let at = 0;
    try {
      for (const { signal, items, bytes } of sections)
        this.#open?.dead.add(signal, items, payload.subarray(at, (at += bytes)));
      return true;
    } catch {
      return false;
    }
  }

  /** True when nothing waits to be cut or acknowledged. */
  isEmpty(): boolean {
    if (!this.#open?.appender.isIdle) return false;
    if (this.#state.frameEnds.length > 0) return false;
    return this.#read(this.#state.released, () => {}) === undefined;
  }

  stats(): QueueStats {
    const { segments } = this.#open ?? {};
    if (!segments) return { pendingBytes: 0, diskBytes: 0, oldestMs: undefined };
    const { released } = this.#state;
    const pendingBytes = segments.bytesFrom(released.segment, released.offset);
    return { pendingBytes, diskBytes: segments.totalBytes, oldestMs: pendingBytes > 0 ? this.#oldestMs() : undefined };
  }

  #openDirectory(): void {
    const { directory, maxBytes, fsync } = this.#options;
    this.#disk.mkdirSync(directory, { recursive: true });
    const segments = new Segments(directory, this.#disk);
    const cursor = new CursorFile(directory, this.#disk);
    try {
      const first = segments.first() ?? 1;
      this.#state = cursor.found ?? newCursorState({ segment: first, offset: SEGMENT_HEADER_BYTES, unit: 0 });
      if (!cursor.found) cursor.write(this.#state);
      const { salt, released } = this.#state;
      const last = Math.max(segments.last() ?? 0, this.#cutPosition().segment);
      segments.deleteBefore(released.segment);
      const segmentBytes = Math.min(MAX_SEGMENT_BYTES, Math.max(65_536, Math.floor(maxBytes / 16)));
      const writer = new SegmentWriter({
        segments,
        disk: this.#disk,
        salt,
        segmentBytes,
        firstNumber: last + 1,
        fsync,
      });
      const dead = new DeadLetters({
        directory,
        disk: this.#disk,
        salt,
        maxBytes: Math.min(64 * 1024 * 1024, maxBytes / 8),
      });
      const ring = new LogRing(RING_BYTES, salt);
      const writability = this.#writability;
      const onStored = (): void => this.#onStored();
      const appender = new Appender({ segments, writer, ring, writability, salt, maxBytes, fsync, onStored });
      const reader = new SegmentReader(segments, this.#disk, salt);
      this.#open = { segments, writer, appender, cursor, dead, reader, ring };
    } catch (error) {
      cursor.close();
      throw error;
    }
  }

  #cutPosition(): Position {
    return this.#state.frameEnds.at(-1) ?? this.#state.released;
  }

  #source(onDamage: DamageListener): FrameSource {
    return { read: (at) => this.#read(at, onDamage), buffers: this.#buffers };
  }

  #read(position: Position, onDamage: DamageListener): StoredRecord | undefined {
    if (!this.#open) return undefined;
    const { reader, writer, ring } = this.#open;
    // Caught up: don't open a file to find nothing in it.
    if (position.segment === writer.segment && position.offset >= writer.offset) return undefined;
    return ring.take(position) ?? this.#readFile(position, reader, onDamage);
  }

  /** Until something behind it is cut, the same damage is met each time: it counts once. */
  #noteDamage({ records, bytes, end }: Damage): void {
    if (comparePositions(end, this.#damagedUpTo) <= 0) return;
    this.#damagedUpTo = end;
    this.#options.onDamage({ records, bytes });
  }

  /** A large record is split in many steps, each of which begins with reading it. */
  #readFile(position: Position, reader: SegmentReader, onDamage: DamageListener): StoredRecord | undefined {
    const { segment, offset } = position;
    if (this.#large?.segment === segment && this.#large.offset === offset) return this.#large.record;
    const record = reader.read(position, onDamage);
    this.#large = record && record.payload.length > RING_BYTES / 8 ? { segment, offset, record } : undefined;
    return record;
  }

  #saveState(): void {
    if (!this.#stateDirty || !this.#open) return;
    try {
      this.#writeState();
      this.#open.segments.deleteBefore(this.#state.released.segment);
    } catch (error) {
      this.#writability.failed(describeError(error));
    }
  }

  #writeState(): void {
    this.#open?.cursor.write(this.#state);
    this.#stateDirty = false;
  }

  #oldestMs(): number | undefined {
    const { released } = this.#state;
    if (!this.#oldest || comparePositions(this.#oldest.at, released) !== 0) {
      const record = this.#open?.reader.read(released, () => {});
      if (!record) return undefined;
      this.#oldest = { at: released, ms: record.header.receivedAtMs };
    }
    return this.#oldest.ms;
  }
}
