export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = Readonly<Record<string, unknown>>;

const REPEAT_INTERVAL_MS = 10_000;
const SECRET_KEY = /token|secret|password|authorization|cookie/i;

/** One JSON object a line: `level`, `timestamp`, `msg`, `component`, `node`, then the call's own fields. */
export class Logger {
  readonly #level: number;
  readonly #node: string;
  readonly #write: (line: string) => void;
  readonly #repeated = new Map<string, { at: number; suppressed: number }>();

  constructor(level: LogLevel, node: string, write: (line: string) => void = (line) => process.stdout.write(line)) {
    this.#level = LOG_LEVELS.indexOf(level);
    this.#node = node;
    this.#write = write;
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

  /** At most one line per message and 10 s: whoever connects must not be able to flood the log. */
  warnRarely(msg: string, fields?: LogFields): void {
    const now = performance.now();
    const last = this.#repeated.get(msg);
    if (last && now - last.at < REPEAT_INTERVAL_MS) return void last.suppressed++;
    this.#repeated.set(msg, { at: now, suppressed: 0 });
    this.warn(msg, last?.suppressed ? { ...fields, suppressed: last.suppressed } : fields);
  }

  #print(level: LogLevel, msg: string, fields: LogFields = {}): void {
    if (LOG_LEVELS.indexOf(level) < this.#level) return;
    const line = { level, timestamp: new Date().toISOString(), msg, component: 'backend', node: this.#node };
    this.#write(`${JSON.stringify({ ...line, ...fields }, (key, value) => (SECRET_KEY.test(key) ? '…' : value))}\n`);
  }
}
