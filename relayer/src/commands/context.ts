/** What a command gets from `main`, so that a test can run it in its own process. */
export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Prefix of all file paths. */
  readonly root: string;
  /** Arguments behind the command's name. */
  readonly options: ReadonlyMap<string, string>;
  /** Aborts at SIGTERM and SIGINT. */
  readonly stop: AbortSignal;
  /** Writes to standard output. */
  readonly write: (text: string) => void;
}
