/** What went wrong, for the exit code and for whoever handles it. */
export type BackendErrorCode = 'configuration' | 'port_in_use' | 'database';

/** The one error class of this package; everything expected is a value, not a throw. */
export class BackendError extends Error {
  readonly code: BackendErrorCode;

  constructor(code: BackendErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackendError';
    this.code = code;
  }
}

/** The message of anything that was thrown. That of a host with several addresses stands in its parts. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && !error.message) return error.errors.map(describeError).join('; ');
  return error instanceof Error ? error.message || error.name : String(error);
}
