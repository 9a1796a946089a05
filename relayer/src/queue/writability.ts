import { join } from 'node:path';
import { writeFully, type Disk } from './disk.ts';

const PROBE_INTERVAL_MS = 1000;
const PROBE_BYTES = 256 * 1024;

/**
 * Whether the queue can be written.
 *
 *   writable ── a write failed ──► unwritable ── a probe file could be written ──► writable
 *
 * Nobody sends to a queue that isn't ready, so it has to find out by itself that it is again.
 */
export class Writability {
  readonly #path: string;
  readonly #disk: Disk;
  readonly #onChange: (writable: boolean, reason: string) => void;
  #writable = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    readonly directory: string;
    readonly disk: Disk;
    readonly onChange: (writable: boolean, reason: string) => void;
  }) {
    this.#path = join(options.directory, 'probe');
    this.#disk = options.disk;
    this.#onChange = options.onChange;
  }

  get writable(): boolean {
    return this.#writable;
  }

  succeeded(): void {
    if (this.#writable) return;
    this.stop();
    this.#writable = true;
    this.#onChange(true, '');
  }

  failed(reason: string): void {
    if (!this.#writable) return;
    this.#writable = false;
    this.#onChange(false, reason);
    this.#timer = setInterval(() => this.#probe(), PROBE_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #probe(): void {
    try {
      const fd = this.#disk.openSync(this.#path, 'w');
      try {
        writeFully(this.#disk, fd, Buffer.alloc(PROBE_BYTES, 1), 0);
      } finally {
        this.#disk.closeSync(fd);
        this.#disk.unlinkSync(this.#path);
      }
      this.succeeded();
    } catch {
      // Still not; the next tick of the interval tries again.
    }
  }
}
