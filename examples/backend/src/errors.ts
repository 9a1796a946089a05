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
  // Node tries each address of a host, and gives one error for all of them, without a message.
  if (error instanceof AggregateError) return error.message || error.errors.map(describeError).join('; ');
  if (error instanceof Error) return error.message || error.name;
  return typeof error === 'object' && error !== null ? describeObject(error) : String(error);
}

/** PGlite throws what the file system of its WebAssembly throws: `{name: 'ErrnoError', errno: 54}`, no errors. */
function describeObject({ name, message, errno }: { name?: unknown; message?: unknown; errno?: unknown }): string {
  return [name, message, errno].filter((part) => typeof part === 'string' || typeof part === 'number').join(' ');
}
