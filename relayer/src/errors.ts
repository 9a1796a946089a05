/**
 * Everything that can go wrong with the relayer itself, as a closed set. Bad telemetry is not among
 * them: it is answered to its sender and counted, and never becomes an exception.
 */
export type RelayerErrorCode =
  | 'configuration'
  | 'backend-unreachable'
  | 'cluster-name-taken'
  | 'secret-not-writable'
  | 'backend-protocol'
  | 'refused'
  | 'queue-unavailable'
  | 'listen-failed';

/** Process exit codes, from sysexits.h as far as it has a name for the case. */
export const EXIT_CODES: Readonly<Record<RelayerErrorCode, number>> = {
  configuration: 64,
  'backend-unreachable': 69,
  'queue-unavailable': 69,
  'listen-failed': 69,
  'cluster-name-taken': 73,
  'secret-not-writable': 74,
  'backend-protocol': 76,
  refused: 77,
};

/** The one error class of this package. Messages never carry a value that may be secret. */
export class RelayerError extends Error {
  readonly code: RelayerErrorCode;

  constructor(code: RelayerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RelayerError';
    this.code = code;
  }

  get exitCode(): number {
    return EXIT_CODES[this.code];
  }
}

/** A short, safe description of anything thrown: `ECONNREFUSED connect ECONNREFUSED 127.0.0.1:1`. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  // An AggregateError (both address families failed) has an empty message of its own.
  const inner = error instanceof AggregateError ? error.errors.map(describeError).join('; ') : '';
  const text = error.message || inner || error.name;
  return code && !text.includes(code) ? `${code} ${text}` : text;
}

/** `ENOSPC`, `EMFILE`, …, or `unknown`. */
export function errorCodeOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' ? code : 'unknown';
}
