import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Signal } from '../protocol/signal.ts';
import { writeFully, type Disk } from './disk.ts';
import { encodeRecordHeader, encodeSegmentHeader, RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES } from './record-format.ts';

/**
 * `dead-letters` holds what was given up, in the layout of a segment file. When it is full it
 * becomes `dead-letters.1`, in place of an earlier one: the newest are kept.
 */
export class DeadLetters {
  readonly #path: string;
  readonly #disk: Disk;
  readonly #salt: number;
  readonly #maxBytes: number;

  constructor(options: { directory: string; disk: Disk; salt: number; maxBytes: number }) {
    this.#path = join(options.directory, 'dead-letters');
    this.#disk = options.disk;
    this.#salt = options.salt;
    this.#maxBytes = options.maxBytes;
  }

  /** Returns when the request is in the file; throws when it can't be written. */
  add(signal: Signal, items: number, payload: Buffer): void {
    let size = this.#disk.existsSync(this.#path) ? this.#disk.statSync(this.#path).size : 0;
    if (size > 0 && size + payload.length > this.#maxBytes / 2) {
      this.#disk.renameSync(this.#path, `${this.#path}.1`);
      size = 0;
    }
    const fd = this.#disk.openSync(this.#path, size === 0 ? 'w' : 'r+', 0o600);
    try {
      if (size === 0) writeFully(this.#disk, fd, encodeSegmentHeader(this.#salt, 0), 0);
      const record = Buffer.alloc(RECORD_HEADER_BYTES + payload.length);
      encodeRecordHeader(record, 0, this.#salt, {
        length: payload.length,
        items,
        signal,
        receivedAtMs: Date.now(),
        payloadCrc: crc32(payload),
      });
      payload.copy(record, RECORD_HEADER_BYTES);
      writeFully(this.#disk, fd, record, Math.max(size, SEGMENT_HEADER_BYTES));
    } finally {
      this.#disk.closeSync(fd);
    }
  }
}
