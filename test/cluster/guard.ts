import type { EventEmitter } from 'node:events';

export interface Guard {
  readonly timeoutMs: number;
  /** Resolves with the reason when what the work needs has ended. */
  readonly broken: Promise<Error>;
  /** Where errors arrive that nobody awaits; default: this process. */
  readonly strays?: EventEmitter;
}

/**
 * Lets work of any kind end in an answer: it fails when it takes too long, when what it needs is gone, or when an
 * error of it is caught nowhere. The work itself is not stopped.
 */
export async function guarded<T>(work: () => Promise<T>, guard: Guard): Promise<T> {
  const { timeoutMs, broken, strays = process } = guard;
  let giveUp: (reason: unknown) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => (giveUp = reject));
  const timer = setTimeout(() => giveUp(new Error(`not over within ${timeoutMs / 1000} s`)), timeoutMs);
  void broken.then(giveUp);
  strays.on('uncaughtException', giveUp);
  try {
    return await Promise.race([failure, work()]);
  } finally {
    clearTimeout(timer);
    strays.off('uncaughtException', giveUp);
  }
}

/**
 * Ends the process with the code that `work` gives. When something else ends it before, whatever it says, the code is
 * not 0.
 */
export async function exitWith(work: Promise<number>): Promise<never> {
  const early = (code: number): void => {
    if (code === 0) process.exitCode = 1;
  };
  process.on('exit', early);
  const code = await work;
  process.off('exit', early);
  return process.exit(code);
}
