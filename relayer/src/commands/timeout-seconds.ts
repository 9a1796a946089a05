import { RelayerError } from '../errors.ts';

/** The value of `--timeout-seconds`, or the default of the command. Throws a RelayerError that says what it must be. */
export function timeoutSeconds(options: ReadonlyMap<string, string>, byDefault: number): number {
  const text = options.get('timeout-seconds');
  if (text === undefined) return byDefault;
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (seconds > 0 && seconds < 86_400) return seconds;
  throw new RelayerError('configuration', '`--timeout-seconds` must be an integer from 1 to 86399');
}
