const WINDOW_MS = 60_000;
/** Bounds the memory. Whoever has more addresses than this is not stopped by a limit by address. */
const MAX_ADDRESSES = 10_000;

/** Wrong tokens by address: one that has shown too many within a minute is refused until the minute is over. */
export class FailureLimit {
  readonly #maxFailures: number;
  readonly #now: () => number;
  readonly #failures = new Map<string, { count: number; readonly since: number }>();

  /** @param now milliseconds, of a clock that does not jump */
  constructor(maxFailures: number, now: () => number = () => performance.now()) {
    this.#maxFailures = maxFailures;
    this.#now = now;
  }

  /** An undefined address is never refused: it tells nobody apart. */
  isRefused(address: string | undefined): boolean {
    const failures = address === undefined ? undefined : this.#current(address);
    return failures !== undefined && failures.count >= this.#maxFailures;
  }

  note(address: string | undefined): void {
    if (address === undefined) return;
    const failures = this.#current(address);
    if (failures) return void failures.count++;
    const [oldest] = this.#failures.keys();
    if (this.#failures.size >= MAX_ADDRESSES && oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(address, { count: 1, since: this.#now() });
  }

  #current(address: string): { count: number; readonly since: number } | undefined {
    const failures = this.#failures.get(address);
    if (!failures || this.#now() - failures.since < WINDOW_MS) return failures;
    this.#failures.delete(address);
    return undefined;
  }
}
