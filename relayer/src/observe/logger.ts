/** Order of severity; a logger prints its own level and everything after it. */
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

export type LogFields = Readonly<Record<string, unknown>>;

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly pod: string;
  /** Receives one line with its newline; a line that it throws at is dropped. Default: standard output. */
  readonly write?: (line: string) => void;
  readonly now?: () => Date;
}

// A reader of the log that went away must not end the process: what it would have read is dropped.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

/** What no line of this process may contain, whichever logger prints it. */
const SECRETS = new Set<string>();
const SECRET_KEY = /token|secret|password|authorization|cookie|registrationkey/i;
const REPEAT_INTERVAL_MS = 10_000;

/**
 * Writes one JSON object a line: `level`, `timestamp`, `msg`, `clusterId`, `component`, `pod`, then
 * the call's own fields. A value known to be secret is replaced wherever it appears in the line,
 * also inside an error message of a library.
 */
export class Logger {
  readonly #options: LoggerOptions;
  readonly #repeated = new Map<string, { at: number; suppressed: number }>();
  #clusterId: string | null = null;

  constructor(options: LoggerOptions) {
    this.#options = options;
  }

  debug(msg: string, fields?: LogFields): void {
    this.#print('debug', msg, fields);
  }
  info(msg: string, fields?: LogFields): void {
    this.#print('info', msg, fields);
  }
  warn(msg: string, fields?: LogFields): void {
    this.#print('warn', msg, fields);
  }
  error(msg: string, fields?: LogFields): void {
    this.#print('error', msg, fields);
  }

  /** Prints at most one line per message and 10 s: senders must not be able to flood the log. */
  warnRarely(msg: string, fields?: LogFields): void {
    const now = performance.now();
    const last = this.#repeated.get(msg);
    if (last && now - last.at < REPEAT_INTERVAL_MS) {
      last.suppressed++;
      return;
    }
    this.#repeated.set(msg, { at: now, suppressed: 0 });
    this.warn(msg, last?.suppressed ? { ...fields, suppressed: last.suppressed } : fields);
  }

  /** From now on the value is replaced in every line. Short values are not: they would hit by chance. */
  hide(secret: string): void {
    if (secret.length < 6) return;
    SECRETS.add(secret);
    // As it looks inside a JSON string and inside a URL.
    SECRETS.add(JSON.stringify(secret).slice(1, -1));
    SECRETS.add(encodeURIComponent(secret));
  }

  setClusterId(clusterId: string): void {
    this.#clusterId = clusterId;
  }

  #print(level: LogLevel, msg: string, fields: LogFields = {}): void {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(this.#options.level)) return;
    const timestamp = (this.#options.now?.() ?? new Date()).toISOString();
    const head = { level, timestamp, msg, clusterId: this.#clusterId, component: 'relayer', pod: this.#options.pod };
    const line = withoutSecrets(JSON.stringify({ ...head, ...hideByKey(fields) }));
    const write = this.#options.write ?? ((text: string) => void process.stdout.write(text));
    try {
      write(`${line}\n`);
    } catch {
      // Standard output that is a file on a full disk throws: telemetry goes on without the line.
    }
  }
}

/** A text for others to read, without any secret that the process has read. */
export function withoutSecrets(text: string): string {
  let safe = text;
  for (const secret of SECRETS) safe = safe.replaceAll(secret, '[hidden]');
  return safe;
}

function hideByKey(fields: LogFields): LogFields {
  const entries = Object.entries(fields).map(([key, value]) => {
    if (SECRET_KEY.test(key)) return [key, '[hidden]'];
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return [key, hideByKey(value as LogFields)];
    return [key, value];
  });
  return Object.fromEntries(entries) as LogFields;
}
