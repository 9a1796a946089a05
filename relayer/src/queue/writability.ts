import { join } from 'node:path';
import { describeError } from '../errors.ts';
import { isShortage, writeFully, type Disk } from './disk.ts';

const PROBE_INTERVAL_MS = 1000;
const PROBE_BYTES = 256 * 1024;

export interface WritabilityOptions {
  readonly directory: string;
  readonly disk: Disk;
  /**
   * Does what can be done so that something can be written, before each attempt; throws while that
   * fails. It is told why the attempt before failed, if one did.
   */
  readonly prepare: (failure: unknown) => void;
  readonly onChange: (writable: boolean, reason: string) => void;
}

/**
 * Whether the queue can be written.
 *
 *   start ─┬─ a probe file could be written ─► writable ◄─ a probe file could be written ─┐
 *          └─ no space, no descriptor ─► unwritable        │                             │
 *                                          └───────────────┴── a write failed ──► unwritable
 *
 * Nobody sends to a queue that isn't ready, so it has to find out by itself that it is again.
 */
export class Writability {
  readonly #options: WritabilityOptions;
  #writable = false;
  /** Of the attempts since it was writable, the last. */
  #failure: unknown;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WritabilityOptions) {
    this.#options = options;
  }

  get writable(): boolean {
    return this.#writable;
  }

  /** Throws when the directory can't be used for a reason that doesn't pass by itself. */
  start(): void {
    try {
      this.#attempt();
    } catch (error) {
      if (!isShortage(error)) throw error;
      this.#becomeUnwritable(describeError(error));
    }
  }

  failed(reason: string): void {
    if (this.#writable) this.#becomeUnwritable(reason);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#writable = false;
  }

  #becomeUnwritable(reason: string): void {
    this.#writable = false;
    this.#options.onChange(false, reason);
    this.#timer = setInterval(() => {
      try {
        this.#attempt();
      } catch (error) {
        // Still not; the next tick of the interval tries again.
        this.#failure = error;
      }
    }, PROBE_INTERVAL_MS);
  }

  #attempt(): void {
    this.#options.prepare(this.#failure);
    this.#probe();
    this.#failure = undefined;
    clearInterval(this.#timer);
    this.#writable = true;
    this.#options.onChange(true, '');
  }

  #probe(): void {
    const { directory, disk } = this.#options;
    const path = join(directory, 'probe');
    const fd = disk.openSync(path, 'w', 0o600);
    try {
      writeFully(disk, fd, Buffer.alloc(PROBE_BYTES, 1), 0);
    } finally {
      disk.closeSync(fd);
      disk.unlinkSync(path);
    }
  }
}
