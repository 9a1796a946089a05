const full: boolean = process.env['RELAYER_FAULTS'] === 'full';

interface Scale {
  readonly kills: number;
  readonly fuzzedRequests: number;
  readonly backlogBytes: number;
  readonly connections: number;
  readonly outageSeconds: number;
  /** For one test. */
  readonly timeoutMs: number;
}

/** How much the fault tests do: little in `npm test`, as promised in `npm run test:faults`. */
export const SCALE: Scale = full
  ? {
      kills: 50,
      fuzzedRequests: 100_000,
      backlogBytes: 1024 ** 3,
      connections: 4_000,
      outageSeconds: 600,
      timeoutMs: 900_000,
    }
  : {
      kills: 10,
      fuzzedRequests: 10_000,
      backlogBytes: 64 * 1024 ** 2,
      connections: 1_000,
      outageSeconds: 6,
      timeoutMs: 170_000,
    };
