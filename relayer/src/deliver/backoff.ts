export interface BackoffOptions {
  readonly delayMs: number;
  readonly maxDelayMs: number;
  readonly multiplier: number;
  /** The random part of each delay, 0 to 1; 1 is full jitter. */
  readonly randomization: number;
  /** Uniform in [0, 1). Default: `Math.random`. */
  readonly random?: () => number;
}

/**
 * Exponential backoff with jitter. The ceiling of the n-th delay is
 * `min(maxDelayMs, delayMs · multiplier^n)`; the delay is the ceiling less a random part of it, so
 * that relayers which lost the same backend don't all come back in the same moment.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #ceilingMs: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#ceilingMs = options.delayMs;
  }

  /** The next delay; the one after it is longer. */
  nextMs(): number {
    const { maxDelayMs, multiplier, randomization, random = Math.random } = this.#options;
    const ceiling = Math.min(this.#ceilingMs, maxDelayMs);
    this.#ceilingMs = Math.min(ceiling * multiplier, maxDelayMs);
    return Math.round(ceiling * (1 - randomization * random()));
  }

  reset(): void {
    this.#ceilingMs = this.#options.delayMs;
  }
}
