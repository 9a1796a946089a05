export interface CircuitBreakerOptions {
  readonly enabled: boolean;
  readonly failureThreshold: number;
  readonly successThreshold: number;
  readonly timeoutMs: number;
  readonly halfOpenMaxAttempts: number;
  /** Monotonic milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
}

/** The number each state has in the metric `relayer_circuit_breaker_state`. */
export const BREAKER_STATES = { closed: 0, 'half-open': 1, open: 2 } as const;

type State =
  | { readonly name: 'closed'; readonly failures: number }
  | { readonly name: 'open'; readonly untilMs: number }
  | { readonly name: 'half-open'; readonly failures: number; readonly successes: number };

/**
 * Pauses *connection attempts* after repeated failures; it never touches data.
 *
 *             failureThreshold failures              timeout passed
 *   ┌ closed ───────────────────────────► open ────────────────────────► half-open ┐
 *   │   ▲                                   ▲     halfOpenMaxAttempts failures │ │   │
 *   │   │                                   └──────────────────────────────────┘ │   │
 *   └───┴──────────────────── successThreshold successes ────────────────────────┘   │
 */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  readonly #now: () => number;
  #state: State = { name: 'closed', failures: 0 };

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get state(): keyof typeof BREAKER_STATES {
    return this.#state.name;
  }

  /** How long no attempt may be made; 0 when one may be made now. An expired pause ends here. */
  waitMs(): number {
    if (this.#state.name !== 'open') return 0;
    const wait = this.#state.untilMs - this.#now();
    if (wait <= 0) this.#state = { name: 'half-open', failures: 0, successes: 0 };
    return Math.max(0, wait);
  }

  /** An attempt failed, or a connection ended that had not succeeded. */
  failed(): void {
    const { enabled, failureThreshold, halfOpenMaxAttempts, timeoutMs } = this.#options;
    if (!enabled || this.#state.name === 'open') return;
    const failures = this.#state.failures + 1;
    const limit = this.#state.name === 'closed' ? failureThreshold : halfOpenMaxAttempts;
    this.#state = failures >= limit ? { name: 'open', untilMs: this.#now() + timeoutMs } : { ...this.#state, failures };
  }

  /** A frame was acknowledged, or ten seconds passed connected. A connection alone shows nothing yet. */
  succeeded(): void {
    if (this.#state.name === 'half-open' && this.#state.successes + 1 < this.#options.successThreshold) {
      this.#state = { ...this.#state, successes: this.#state.successes + 1 };
    } else if (this.#state.name !== 'closed' || this.#state.failures > 0) {
      this.#state = { name: 'closed', failures: 0 };
    }
  }

  /** Allows an attempt at once: the credentials were changed. */
  probeNow(): void {
    if (this.#state.name === 'open') this.#state = { name: 'half-open', failures: 0, successes: 0 };
  }
}
