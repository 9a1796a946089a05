import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/** Nothing that `until` waits for can come any more. */
export class HopelessError extends Error {}

/**
 * Asks again until there is an answer other than undefined or false.
 * @throws Error that names `what` and the last failure, after `timeoutMs`; a HopelessError at once
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  { timeoutMs = 60_000, intervalMs = 500 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      if (error instanceof HopelessError) throw error;
      last = error;
    }
    if (performance.now() > end) {
      const reason = last instanceof Error ? `: ${last.message}` : '';
      throw new Error(`not within ${timeoutMs / 1000} s: ${what}${reason}`);
    }
    await sleep(intervalMs);
  }
}
