const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 30_000;
/** With the pauses between them about 50 s: a volume that is moved or reconnected comes back in that time. */
const MAX_FAILURES = 10;
/** After so long without a failure the next one is a new trouble. */
const FORGET_AFTER_MS = 300_000;

interface Trouble {
  failures: number;
  notBeforeMs: number;
  givenUp: boolean;
  error: unknown;
}

/**
 * Decides when bytes that can't be read count as lost. A bad sector fails every time; a device that
 * is away for a while fails too, and then everything would be thrown away that is well.
 *
 *   well ── read fails ──► waiting (100 ms, 200 ms, … 30 s) ── still fails, but writes work ──► given up
 */
export class ReadPatience {
  readonly #bySegment = new Map<number, Trouble>();
  readonly #now: () => number;
  readonly #canWrite: () => boolean;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;

  /**
   * @param options.now milliseconds of a monotonic clock
   * @param options.canWrite tries whether something can be written through to the device
   */
  constructor(options: { readonly now: () => number; readonly canWrite: () => boolean }) {
    this.#now = options.now;
    this.#canWrite = options.canWrite;
  }

  /** Milliseconds until reading what failed last should be tried again; 0 when it may be now. */
  get pauseMs(): number {
    return Math.max(0, this.#pausedUntilMs - this.#now());
  }

  /** Call before a segment is opened: throws the latest error again while it isn't time for a new attempt. */
  check(segment: number): void {
    const trouble = this.#bySegment.get(segment);
    if (!trouble || trouble.givenUp || this.#now() >= trouble.notBeforeMs) return;
    this.#pausedUntilMs = trouble.notBeforeMs;
    throw trouble.error;
  }

  /** Notes a failed read. @returns true when what could not be read is to be given up */
  failed(segment: number, error: unknown): boolean {
    const now = this.#now();
    let trouble = this.#bySegment.get(segment);
    if (trouble?.givenUp) return true;
    if (!trouble || now - trouble.notBeforeMs > FORGET_AFTER_MS) {
      trouble = { failures: 0, notBeforeMs: 0, givenUp: false, error };
      this.#bySegment.set(segment, trouble);
    }
    trouble.failures++;
    trouble.error = error;
    if (trouble.failures >= MAX_FAILURES && this.#canWrite()) {
      trouble.givenUp = true;
      return true;
    }
    trouble.notBeforeMs = now + Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (trouble.failures - 1));
    this.#pausedUntilMs = trouble.notBeforeMs;
    return false;
  }
}
