import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { BackendError } from './errors.ts';
import { LOG_LEVELS, type LogLevel } from './observe/logger.ts';

export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
  readonly node: string;
  /** Undefined: the embedded store in `dataDirectory`. */
  readonly databaseUrl: string | undefined;
  readonly dataDirectory: string;
  readonly redisUrl: string | undefined;
  readonly accessToken: string;
  /** Undefined: there is no administration over HTTP. */
  readonly adminToken: string | undefined;
  readonly registrationToken: string | undefined;
  readonly openRegistration: boolean;
  readonly retentionDays: number;
  readonly socketPath: string;
  readonly maxPayloadBytes: number;
  readonly maxConnections: number;
  readonly maxPendingConnections: number;
  readonly maxFailuresPerMinute: number;
  /** In lower case. Undefined: the peer's address counts. */
  readonly clientAddressHeader: string | undefined;
  readonly maxWaitingBytes: number;
  readonly relayerMetricsUrls: readonly string[];
}

/** Every variable with its default and meaning; README.md's table is held to this one. */
export const SETTINGS = {
  HOST: ['127.0.0.1', 'Address to listen on. `0.0.0.0` in a container.'],
  PORT: ['3000', 'Port of API, Socket.IO and page.'],
  LOG_LEVEL: ['info', '`debug`, `info`, `warn` or `error`.'],
  NODE_NAME: ['', 'Name of this node in logs and on the page. Host name and process id when unset.'],
  DATABASE_URL: ['', 'PostgreSQL, tested with 15. Unset: the embedded store, for one node.'],
  DATA_DIRECTORY: ['./data', 'Folder of the embedded store.'],
  REDIS_URL: ['', 'Redis, tested with 7.0, when several nodes share one PostgreSQL.'],
  ACCESS_TOKEN: ['', 'What the page asks for. A random one is made and printed at start when unset.'],
  ADMIN_TOKEN: ['', 'Bearer token for registration tokens, rotation and revocation. Unset: switched off.'],
  REGISTRATION_TOKEN: ['', 'A registration token that always works, beside those made over the API.'],
  OPEN_REGISTRATION: ['false', '`true` registers clusters without a token. Also `--open-registration`.'],
  RETENTION_DAYS: ['7', 'Telemetry older than this is deleted.'],
  SOCKET_PATH: ['/socket.io', 'Path of the Socket.IO endpoint.'],
  MAX_PAYLOAD_BYTES: ['16777216', 'Largest message; at least 16777216.'],
  MAX_CONNECTIONS: ['2000', 'Connections of relayers and pages in all.'],
  MAX_PENDING_CONNECTIONS: ['200', 'Connections that have not yet shown a token; a quarter of them from one address.'],
  MAX_FAILURES_PER_MINUTE: [
    '60',
    'Wrong tokens from one address; above it the address is refused for the rest of the minute.',
  ],
  CLIENT_ADDRESS_HEADER: [
    '',
    'Header in which your proxy puts the client’s address, such as `cf-connecting-ip`. Set it only if every request comes through that proxy.',
  ],
  MAX_WAITING_BYTES: ['134217728', 'Frames in memory that wait to be stored; above it relayers are told to retry.'],
  RELAYER_METRICS_URLS: ['', 'Comma-separated `/metrics` URLs of relayers this node can reach: their queue is shown.'],
} as const;

/** What can be guessed protects nothing. */
const MIN_SECRET_LENGTH = 16;
/** Needs no escapes, in a URL or in the page. */
const SOCKET_PATH = /^(\/[\w.~-]+)+\/?$/;

type Name = keyof typeof SETTINGS;
type Environment = Readonly<Record<string, string | undefined>>;

/** @throws BackendError with every problem at once */
export function parseSettings(environment: Environment, args: readonly string[] = []): Settings {
  const problems: string[] = [];
  const { text, secret, integer, url, urls, oneOf } = readersOf(environment, problems);
  const unknown = args.filter((arg) => arg !== '--open-registration');
  if (unknown.length > 0) problems.push(`unknown argument ${unknown.join(' ')}`);
  if (!SOCKET_PATH.test(text('SOCKET_PATH')))
    problems.push('`SOCKET_PATH` must be a path that begins with /, of letters, digits and .~_-');
  if (!/^[\w-]*$/.test(text('CLIENT_ADDRESS_HEADER')))
    problems.push('`CLIENT_ADDRESS_HEADER` must be the name of a header, of letters, digits and dashes');
  const settings: Settings = {
    host: text('HOST'),
    port: integer('PORT', 0, 65_535),
    logLevel: oneOf('LOG_LEVEL', LOG_LEVELS),
    node: text('NODE_NAME') || `${hostname()}-${process.pid}`,
    databaseUrl: url('DATABASE_URL', /^postgres(ql)?:/),
    dataDirectory: text('DATA_DIRECTORY'),
    redisUrl: url('REDIS_URL', /^rediss?:/),
    accessToken: secret('ACCESS_TOKEN') ?? randomBytes(24).toString('base64url'),
    adminToken: secret('ADMIN_TOKEN'),
    registrationToken: secret('REGISTRATION_TOKEN'),
    openRegistration: oneOf('OPEN_REGISTRATION', ['true', 'false']) === 'true' || args.includes('--open-registration'),
    retentionDays: integer('RETENTION_DAYS', 1, 3_650),
    socketPath: text('SOCKET_PATH'),
    maxPayloadBytes: integer('MAX_PAYLOAD_BYTES', 16_777_216, 268_435_456),
    maxConnections: integer('MAX_CONNECTIONS', 1, 1_000_000),
    maxPendingConnections: integer('MAX_PENDING_CONNECTIONS', 1, 1_000_000),
    maxFailuresPerMinute: integer('MAX_FAILURES_PER_MINUTE', 1, 1_000_000),
    clientAddressHeader: text('CLIENT_ADDRESS_HEADER').toLowerCase() || undefined,
    maxWaitingBytes: integer('MAX_WAITING_BYTES', 16_777_216, 17_179_869_184),
    relayerMetricsUrls: urls('RELAYER_METRICS_URLS'),
  };
  if (settings.redisUrl && !settings.databaseUrl)
    problems.push('`REDIS_URL` needs `DATABASE_URL`: the embedded store is for one node');
  if (problems.length > 0) throw new BackendError('configuration', problems.join('; '));
  return settings;
}

interface Readers {
  readonly text: (name: Name) => string;
  readonly secret: (name: Name) => string | undefined;
  readonly integer: (name: Name, min: number, max: number) => number;
  readonly url: (name: Name, pattern: RegExp) => string | undefined;
  readonly urls: (name: Name) => string[];
  readonly oneOf: <Word extends string>(name: Name, words: readonly Word[]) => Word;
}

/** Each notes what is wrong with a variable and goes on. */
function readersOf(environment: Environment, problems: string[]): Readers {
  const text = (name: Name): string => environment[name]?.trim() || SETTINGS[name][0];
  return {
    text,
    secret(name) {
      const value = text(name);
      if (value && value.length < MIN_SECRET_LENGTH)
        problems.push(`\`${name}\` must have at least ${MIN_SECRET_LENGTH} characters`);
      // A bearer token has no others, and would never be the same as this.
      if (!/^[!-~]*$/.test(value)) problems.push(`\`${name}\` must have no spaces and only ASCII characters`);
      return value || undefined;
    },
    integer(name, min, max) {
      const value = Number(text(name));
      if (!Number.isSafeInteger(value) || value < min || value > max)
        problems.push(`\`${name}\` must be a whole number from ${min} to ${max}`);
      return value;
    },
    url(name, pattern) {
      const value = text(name);
      if (value && !(pattern.test(value) && URL.canParse(value)))
        problems.push(`\`${name}\` must be a URL that begins with ${pattern.source.slice(1).replaceAll('\\', '')}`);
      return value || undefined;
    },
    urls(name) {
      const values = text(name)
        .split(',')
        .map((value) => value.trim())
        .filter(Boolean);
      if (!values.every((value) => /^https?:/.test(value) && URL.canParse(value)))
        problems.push(`\`${name}\` must be URLs that begin with http: or https:, with commas between them`);
      return values;
    },
    oneOf<Word extends string>(name: Name, words: readonly Word[]) {
      const value = text(name);
      if (!words.includes(value as Word)) problems.push(`\`${name}\` must be one of ${words.join(', ')}`);
      return value as Word;
    },
  };
}
