import type { Component } from '../component.ts';
import { describeError, RelayerError } from '../errors.ts';
import type { OfferOutcome } from './appender.ts';
import { MAX_OUTSTANDING_FRAMES, newCursorState } from './cursor.ts';
import { DirectoryLock } from './directory-lock.ts';
import { isFullDisk, isShortage, realDisk, type Disk } from './disk.ts';
import { FrameBuffers } from './frame-buffers.ts';
import {
  cutFrame,
  emptyFrame,
  loadFrame,
  type CutLimits,
  type FrameContents,
  type FrameSource,
} from './frame-cutter.ts';
import { FrameLedger } from './frame-ledger.ts';
import { openDirectory, type OpenDirectory } from './open-directory.ts';
import type { FrameRange } from './position.ts';
import type { QueueOptions } from './queue-options.ts';
import { SEGMENT_HEADER_BYTES } from './record-format.ts';
import type { RecordSource } from './record-source.ts';
import type { NewRecord } from './segment-writer.ts';
import { Writability } from './writability.ts';

const NO_LISTENERS = { onLettersWaiting: () => {}, onLetterLost: () => {}, onDeleted: () => {} };

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
  readonly #writability: Writability;
  readonly #buffers = new FrameBuffers();
  #lock: DirectoryLock | undefined;
  /** Undefined before the start, and while the disk or the descriptors don't allow to open it. */
  #open: OpenDirectory | undefined;
  #isStopped = false;
  /** That of the directory once it is open. */
  #ledger = new FrameLedger(newCursorState({ segment: 1, offset: SEGMENT_HEADER_BYTES, unit: 0 }));
  #onStored: () => void = () => {};
  #onOpen: () => void = () => {};

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#disk = options.disk ?? realDisk;
    this.#writability = new Writability({
      directory: options.directory,
      disk: this.#disk,
      prepare: (failure) => {
        this.#openIfNeeded();
        // The disk may be full of what is delivered already.
        this.#open?.settlement.makeRoom();
        if (isFullDisk(failure)) this.#open?.letters.giveWay(() => this.isEmpty());
      },
      onChange: (writable, reason) => {
        options.onWritable(writable, reason);
        // An acknowledgement that could not be written then: without a new one nobody would try again.
        if (!writable) return;
        this.#open?.settlement.save();
        this.#open?.letters.onWritable();
      },
    });
  }

  /**
   * Opens the directory and creates it if needed; takes the same time whatever the backlog. Without
   * space or descriptors it starts unwritable and gets better by itself. Rejects with
   * `queue-unavailable` when another process uses the directory, or it can't be used at all.
   */
  async start(): Promise<void> {
    const { directory } = this.#options;
    try {
      await this.#lockDirectory();
      if (!this.#isStopped) this.#writability.start();
    } catch (error) {
      await this.stop();
      if (error instanceof RelayerError) throw error;
      const message = `the queue directory ${directory} can't be used: ${describeError(error)}. It must be writable by this process`;
      throw new RelayerError('queue-unavailable', message, { cause: error });
    }
  }

  /** Writes what was offered and closes all files. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#open?.appender.stop();
    this.#open?.letters.retry();
    this.#open?.settlement.save();
    this.#writability.stop();
    const { deleted, letters, writer, records, cursor } = this.#open ?? {};
    for (const each of [deleted, letters, writer, records, cursor]) each?.close();
    this.#open = undefined;
    this.#lock?.release();
    this.#lock = undefined;
  }

  get writable(): boolean {
    return this.#writability.writable;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  get epoch(): string {
    return this.#ledger.state.epoch;
  }

  /** The highest sequence whose acknowledgement is known. */
  get acknowledged(): number {
    return this.#ledger.state.acknowledged;
  }

  /** Called after a batch was stored, and when reading is worth another attempt. */
  onStored(listener: () => void): void {
    this.#onStored = listener;
  }

  /** Called once the directory is open, at once if it is: before, the epoch isn't known. */
  onOpen(listener: () => void): void {
    this.#onOpen = listener;
    if (this.#open) listener();
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
    return this.#ledger.outstanding();
  }

  /** Reads a frame again, after a restart or a lost connection. Throws when it can't be read just now. */
  load(range: FrameRange): Frame {
    const { sequence, start, end } = range;
    const { records } = this.#open ?? {};
    if (!records) throw new Error('the queue is not open');
    if (this.#ledger.isGivenUp(range)) return { sequence, ...emptyFrame(end) };
    return { sequence, ...loadFrame(this.#source(records, 'read'), start, end) };
  }

  /** True when at least `bytes` of records wait to be cut, or there are segments in between. */
  hasUncut(bytes: number): boolean {
    const { segment, offset } = this.#ledger.cutPosition;
    const { writer, segments } = this.#open ?? {};
    if (!writer || !segments) return false;
    if (writer.segment > segment + 1) return true;
    const left = (segments.size(segment) ?? offset) - offset;
    return left + (writer.segment > segment ? writer.offset - SEGMENT_HEADER_BYTES : 0) >= bytes;
  }

  /** The frame's contents are read no more: their memory is used again. */
  recycle(frame: Frame): void {
    this.#buffers.giveBack(frame.payload);
  }

  /** Cuts the next frame and gives it its number; undefined when nothing waits, or it can't be read just now. */
  cut(limits: CutLimits): Frame | undefined {
    if (!this.#open || this.#ledger.outstandingCount >= MAX_OUTSTANDING_FRAMES) return undefined;
    const { records, settlement, cursor } = this.#open;
    const start = this.#ledger.cutPosition;
    const contents = cutFrame(this.#source(records, 'readOrWait'), start, limits);
    if (!contents) {
      if (!records.isWaiting) settlement.releaseDamage(records.damagedUpTo);
      return undefined;
    }
    const sequence = this.#ledger.add(contents.end);
    // Before the frame is sent: what its number stands for must survive a crash.
    try {
      settlement.write();
      if (this.#options.fsync) cursor.sync();
    } catch (error) {
      this.#ledger.rewind(sequence);
      throw error;
    }
    if (!this.#ledger.isGivenUp({ start, end: contents.end })) return { sequence, ...contents };
    this.#buffers.giveBack(contents.payload);
    return { sequence, ...emptyFrame(contents.end) };
  }

  /** Everything up to `sequence` is at the backend, or given up: its space is free. */
  acknowledge(sequence: number): void {
    if (this.#ledger.acknowledge(sequence)) setImmediate(() => this.#open?.settlement.save());
  }

  /** Forgets the frames from `sequence` on, which the backend has not: their records are cut anew. */
  rewind(sequence: number): void {
    this.#ledger.rewind(sequence);
  }

  /** The backend has lost or forgotten this epoch: what is not acknowledged is numbered from 1 again. */
  beginEpoch(): void {
    this.#ledger.beginEpoch();
    this.#open?.settlement.write();
  }

  /**
   * Puts the contents of a frame among the dead letters for good: from now on, also after a restart,
   * a frame of just them is empty.
   * @returns why they could not be kept and are lost; undefined when they are kept, also while they
   *   can't be written
   */
  giveUp(sequence: number): string | undefined {
    const span = this.#ledger.giveUp(sequence);
    const problem = span && this.#open?.letters.add(span);
    this.#open?.settlement.save();
    return problem;
  }

  /** True when nothing waits to be cut or acknowledged. */
  isEmpty(): boolean {
    if (!this.#open?.appender.isIdle || this.#ledger.outstandingCount > 0) return false;
    return this.#open.records.isEmptyFrom(this.#ledger.state.released);
  }

  stats(): QueueStats {
    const { segments, records } = this.#open ?? {};
    if (!segments || !records) return { pendingBytes: 0, diskBytes: 0, oldestMs: undefined };
    const { released } = this.#ledger.state;
    const pendingBytes = segments.bytesFrom(released.segment, released.offset);
    const oldestMs = pendingBytes > 0 ? records.receivedAtMs(released) : undefined;
    return { pendingBytes, diskBytes: segments.totalBytes, oldestMs };
  }

  #source(records: RecordSource, how: 'read' | 'readOrWait'): FrameSource {
    return { read: (at) => records[how](at), forget: () => records.forget(), buffers: this.#buffers };
  }

  async #lockDirectory(): Promise<void> {
    const { directory, onOddity } = this.#options;
    try {
      this.#disk.mkdirSync(directory, { recursive: true });
    } catch (error) {
      if (isShortage(error)) return;
      throw error;
    }
    const lock = await DirectoryLock.take(directory);
    if (!(lock instanceof DirectoryLock))
      onOddity?.('The queue directory can not be locked: a second process on it would not be noticed', { ...lock });
    else if (this.#isStopped) lock.release();
    else this.#lock = lock;
  }

  #openIfNeeded(): void {
    if (this.#open) return;
    const { now = () => performance.now(), onOddity, ...options } = { ...NO_LISTENERS, ...this.#options };
    this.#disk.mkdirSync(options.directory, { recursive: true });
    const onStored = (): void => this.#onStored();
    const open = openDirectory({
      ...options,
      disk: this.#disk,
      writability: this.#writability,
      now,
      onStored,
      onReadable: onStored,
    });
    this.#open = open;
    this.#ledger = open.ledger;
    const { ignored } = open.segments;
    if (ignored.length > 0)
      onOddity?.('Ignored in the queue directory: called like a segment, but not one', {
        files: ignored.slice(0, 10).join(' '),
        count: String(ignored.length),
      });
    this.#onOpen();
  }
}
