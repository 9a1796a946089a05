import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { isMissing, readFully, writeFully, type Disk } from './disk.ts';
import type { FrameRange, Position, Span } from './position.ts';

/*
 * `cursor`: which sequence number stands for which records. It has a fixed size and is written
 * when the queue is created, so that it can be updated on a full disk (delivery is what frees it).
 *
 *   ┌ slot 0, 16 KiB ─┬ slot 1, 16 KiB ─┐   The slots are written in turn; the sound one with the
 *   └─────────────────┴─────────────────┘   higher generation counts, so a torn write costs nothing.
 *
 *   slot: 0 CRC u32 of the rest │ 4 length u32 │ 8 generation f64 │ 16 salt u32 │ 20 frame count u32
 *         24 epoch, 36 characters │ 64 acknowledged f64 │ 72 count of what was given up u32
 *         76 count of unwritten letters u32 │ 84 released position │ 96 frames … │ given up … │ unwritten …
 *   position: segment u32, offset u32, unit u32. A frame is its end position: it starts where the
 *   one before it ends, the first one at `released`. The others have a start and an end.
 */
const SLOT_BYTES = 16_384;
const FRAMES_AT = 96;
const POSITION_BYTES = 12;

/** More frames than this are never outstanding. */
export const MAX_OUTSTANDING_FRAMES = 256;

/** More is never remembered as given up: it is one frame each. */
const MAX_GIVEN_UP = MAX_OUTSTANDING_FRAMES;

/** More is never remembered as unwritten: a slot has no room for it. */
export const MAX_UNWRITTEN = 256;

/** What the cursor file remembers. Frames have the sequences `acknowledged + 1`, `+ 2`, … */
export interface CursorState {
  readonly epoch: string;
  readonly salt: number;
  readonly acknowledged: number;
  /** Everything before it is settled and may be deleted. */
  readonly released: Position;
  /** The ends of the frames that were cut and not yet acknowledged, oldest first. */
  readonly frameEnds: readonly Position[];
  /** What lies behind `released` and is among the dead letters: frames of just this are sent empty. */
  readonly givenUp: readonly Span[];
  /** Given up too, and not yet among the dead letters: its segments stay until it is. */
  readonly unwritten: readonly Span[];
}

/** Reads and writes the cursor file of a queue directory. */
export class CursorFile {
  readonly #disk: Disk;
  readonly #path: string;
  #fd: number;
  readonly #buffer = Buffer.alloc(SLOT_BYTES);
  #generation: number;
  /** What was found; undefined for a new or unreadable file. */
  readonly found: CursorState | undefined;

  constructor(directory: string, disk: Disk) {
    this.#disk = disk;
    this.#path = join(directory, 'cursor');
    const isNew = isMissing(disk, this.#path);
    this.#fd = disk.openSync(this.#path, isNew ? 'w+' : 'r+', 0o600);
    try {
      const slots = [0, 1].map((slot) => decodeSlot(this.#readSlot(slot)));
      const best = slots.filter((slot) => slot !== undefined).sort((a, b) => b.generation - a.generation)[0];
      this.found = best?.state;
      this.#generation = best?.generation ?? 0;
      // Allocates both slots while there is still space.
      if (disk.fstatSync(this.#fd).size < 2 * SLOT_BYTES) {
        writeFully(disk, this.#fd, Buffer.alloc(2 * SLOT_BYTES), 0);
        if (best) this.write(best.state);
      }
    } catch (error) {
      disk.closeSync(this.#fd);
      throw error;
    }
  }

  /** Returns when the state is in the file: it survives the end of this process. */
  write(state: CursorState): void {
    const generation = this.#generation + 1;
    const length = encodeSlot(this.#buffer, generation, state);
    writeFully(this.#disk, this.#fd, this.#buffer.subarray(0, length), (generation % 2) * SLOT_BYTES);
    this.#generation = generation;
  }

  /** Returns when the state is on the device: it survives a crash of the node. */
  sync(): void {
    this.#disk.fsyncSync(this.#fd);
  }

  /** True when somebody has deleted the file: what is written to it is lost with this process. */
  isDeleted(): boolean {
    // The second for network file systems, which rename a file that is open.
    return this.#disk.fstatSync(this.#fd).nlink === 0 || isMissing(this.#disk, this.#path);
  }

  /** Puts a new file with this state in place of the deleted one; throws when it can't be made. */
  makeAnew(state: CursorState): void {
    const fd = this.#disk.openSync(this.#path, 'w+', 0o600);
    try {
      writeFully(this.#disk, fd, Buffer.alloc(2 * SLOT_BYTES), 0);
    } catch (error) {
      this.#disk.closeSync(fd);
      throw error;
    }
    this.#disk.closeSync(this.#fd);
    this.#fd = fd;
    this.write(state);
  }

  close(): void {
    this.#disk.closeSync(this.#fd);
  }

  /** A slot that can't be read is like one that is torn. */
  #readSlot(slot: number): Buffer {
    try {
      return readFully(this.#disk, this.#fd, slot * SLOT_BYTES, SLOT_BYTES);
    } catch {
      return Buffer.alloc(0);
    }
  }
}

/** A state for an empty directory, or for one whose cursor is lost: sequences begin anew. */
export function newCursorState(released: Position, salt?: number): CursorState {
  return {
    epoch: randomUUID(),
    salt: salt ?? (randomBytes(4).readUInt32LE() | 1) >>> 0,
    acknowledged: 0,
    released,
    frameEnds: [],
    givenUp: [],
    unwritten: [],
  };
}

/** The frames that `state` describes. */
export function framesOf(state: CursorState): FrameRange[] {
  return state.frameEnds.map((end, i) => ({
    sequence: state.acknowledged + 1 + i,
    start: state.frameEnds[i - 1] ?? state.released,
    end,
  }));
}

function encodeSlot(target: Buffer, generation: number, state: CursorState): number {
  const givenUp = state.givenUp.slice(-MAX_GIVEN_UP);
  const positions = [...state.frameEnds, ...[...givenUp, ...state.unwritten].flatMap(({ start, end }) => [start, end])];
  const length = FRAMES_AT + positions.length * POSITION_BYTES;
  target.writeUInt32LE(length, 4);
  target.writeDoubleLE(generation, 8);
  target.writeUInt32LE(state.salt >>> 0, 16);
  target.writeUInt32LE(state.frameEnds.length, 20);
  target.write(state.epoch.padEnd(36), 24, 36, 'latin1');
  target.writeDoubleLE(state.acknowledged, 64);
  target.writeUInt32LE(givenUp.length, 72);
  target.writeUInt32LE(state.unwritten.length, 76);
  encodePosition(target, 84, state.released);
  positions.forEach((position, i) => encodePosition(target, FRAMES_AT + i * POSITION_BYTES, position));
  target.writeUInt32LE(crc32(target.subarray(4, length)), 0);
  return length;
}

function decodeSlot(slot: Buffer): { generation: number; state: CursorState } | undefined {
  if (slot.length < SLOT_BYTES) return undefined;
  const length = slot.readUInt32LE(4);
  const count = slot.readUInt32LE(20);
  const givenUpCount = slot.readUInt32LE(72);
  const spanCount = givenUpCount + slot.readUInt32LE(76);
  if (length > SLOT_BYTES || length !== FRAMES_AT + (count + 2 * spanCount) * POSITION_BYTES) return undefined;
  if (crc32(slot.subarray(4, length)) !== slot.readUInt32LE(0)) return undefined;
  const position = (i: number): Position => decodePosition(slot, FRAMES_AT + i * POSITION_BYTES);
  const frameEnds = Array.from({ length: count }, (_, i) => position(i));
  const spans = Array.from({ length: spanCount }, (_, i) => ({
    start: position(count + 2 * i),
    end: position(count + 2 * i + 1),
  }));
  const state = {
    epoch: slot.toString('latin1', 24, 60),
    salt: slot.readUInt32LE(16),
    acknowledged: slot.readDoubleLE(64),
    released: decodePosition(slot, 84),
    frameEnds,
    givenUp: spans.slice(0, givenUpCount),
    unwritten: spans.slice(givenUpCount),
  };
  return { generation: slot.readDoubleLE(8), state };
}

function encodePosition(target: Buffer, at: number, position: Position): void {
  target.writeUInt32LE(position.segment, at);
  target.writeUInt32LE(position.offset, at + 4);
  target.writeUInt32LE(position.unit, at + 8);
}

function decodePosition(bytes: Buffer, at: number): Position {
  return { segment: bytes.readUInt32LE(at), offset: bytes.readUInt32LE(at + 4), unit: bytes.readUInt32LE(at + 8) };
}
