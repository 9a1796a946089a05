/**
 * The life cycle every stage of the relayer follows.
 *
 * - `start` resolves when the stage does its work, or rejects with a `RelayerError`; it is called
 *   once. A stage whose `start` rejected holds nothing open.
 * - `stop` may be called without `start`, twice, and while `start` runs. It resolves when the
 *   stage holds no socket, timer or file, at the latest at `deadline`. It never rejects.
 *
 * Stages start in the order queue → deliver → receive and stop in the order receive → deliver →
 * queue, so that what was accepted can still be stored and sent.
 */
export interface Component {
  start(): Promise<void>;
  stop(deadline: Deadline): Promise<void>;
}

/** A moment of the monotonic clock until which something may take. Wall clock jumps don't move it. */
export interface Deadline {
  readonly remainingMs: () => number;
}

/** @param afterMs from now, on the monotonic clock. */
export function deadlineIn(afterMs: number): Deadline {
  const end = performance.now() + afterMs;
  return { remainingMs: () => Math.max(0, end - performance.now()) };
}

/** Resolves after `ms` or when `signal` aborts; never rejects. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
