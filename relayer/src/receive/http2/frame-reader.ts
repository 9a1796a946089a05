import { ERROR, FRAME_HEAD_BYTES, PREFACE } from './frame.ts';

/** Receives the frames of one connection, in order. */
export interface FrameSink {
  /** The other side speaks HTTP/2; its frames follow. */
  onPreface(): void;
  /** It speaks something else, which began with these bytes. */
  onForeign(bytes: Buffer): void;
  /** A whole frame of any type but DATA. */
  onFrame(type: number, flags: number, stream: number, payload: Buffer): void;
  /** The head of a DATA frame; its bytes follow in pieces. */
  onDataHead(flags: number, stream: number, length: number): void;
  /** The piece is valid until this returns. */
  onDataPiece(piece: Buffer, last: boolean): void;
  onReadError(code: number, message: string): void;
}

/**
 * Cuts the bytes of a connection into frames. The contents of DATA frames are handed on in pieces
 * as they arrive, without copying them together; other frames are small and come whole.
 *
 *   preface ─► head ─┬─► payload of a small frame ─► head …
 *                    └─► pieces of DATA ───────────► head …
 */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #maxFrameBytes: number;
  #expectsPreface = true;
  /** An incomplete head or small frame. */
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of a DATA frame that are still to come. */
  #dataLeft = 0;
  #stopped = false;

  constructor(sink: FrameSink, maxFrameBytes: number) {
    this.#sink = sink;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Nothing is read any more. */
  stop(): void {
    this.#stopped = true;
    this.#rest = Buffer.alloc(0);
  }

  push(chunk: Buffer): void {
    if (this.#stopped) return;
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = this.#expectsPreface ? this.#readPreface(bytes) : 0;
    while (!this.#stopped && at >= 0) {
      const next = this.#dataLeft > 0 ? this.#readData(bytes, at) : this.#readFrame(bytes, at);
      if (next === at) break;
      at = next;
    }
    if (this.#stopped) return;
    // Copied: the chunk is read into again.
    bytes = bytes.subarray(Math.max(0, at));
    this.#rest = bytes.length > 0 ? Buffer.from(bytes) : bytes;
  }

  /** Where the frames begin; -1 while the preface isn't complete. */
  #readPreface(bytes: Buffer): number {
    const length = Math.min(bytes.length, PREFACE.length);
    if (bytes.compare(PREFACE, 0, length, 0, length) !== 0) {
      this.#sink.onForeign(bytes);
      return -1;
    }
    if (length < PREFACE.length) return -1;
    this.#expectsPreface = false;
    this.#sink.onPreface();
    return length;
  }

  #readData(bytes: Buffer, at: number): number {
    const piece = bytes.subarray(at, at + this.#dataLeft);
    if (piece.length === 0) return at;
    this.#dataLeft -= piece.length;
    this.#sink.onDataPiece(piece, this.#dataLeft === 0);
    return at + piece.length;
  }

  #readFrame(bytes: Buffer, at: number): number {
    if (bytes.length - at < FRAME_HEAD_BYTES) return at;
    const length = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    const type = bytes[at + 3] as number;
    const flags = bytes[at + 4] as number;
    const stream = bytes.readUInt32BE(at + 5) & 0x7fffffff;
    const start = at + FRAME_HEAD_BYTES;
    // Only DATA is ever large: 32 KiB hold any head that we take.
    if (length > (type === 0 ? this.#maxFrameBytes : 32_768)) {
      this.#sink.onReadError(
        length > this.#maxFrameBytes ? ERROR.frameSize : ERROR.enhanceYourCalm,
        'the frame is too large',
      );
      return at;
    }
    if (type === 0) {
      this.#dataLeft = length;
      this.#sink.onDataHead(flags, stream, length);
      if (length === 0 && !this.#stopped) this.#sink.onDataPiece(bytes.subarray(start, start), true);
      return start;
    }
    if (bytes.length - start < length) return at;
    this.#sink.onFrame(type, flags, stream, bytes.subarray(start, start + length));
    return start + length;
  }
}
