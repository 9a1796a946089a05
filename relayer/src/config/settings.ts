/** How one environment variable is read. */
export interface Setting {
  /** `integer` and `number` are bounded by `min` and `max`; `json` is a JSON object. */
  readonly type: 'text' | 'host' | 'url' | 'integer' | 'number' | 'boolean' | 'choice' | 'json' | 'path';
  /** Used when the variable is unset or empty. No default means that `run` can't go without it. */
  readonly default?: string;
  readonly unit?: 'ms' | 's' | 'bytes' | 'port';
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  readonly pattern?: string;
  /** What `pattern` asks for, in words. */
  readonly format?: string;
  /** True when the value may not be printed. Secrets proper are files, never variables. */
  readonly secret?: boolean;
  /** Who sets it: the chart's ConfigMap, the pod template's downward API, or Kubernetes itself. */
  readonly setBy: 'config' | 'pod' | 'kubernetes';
  readonly description: string;
}

/**
 * Every variable the relayer reads, and nothing else reads the environment. The chart's ConfigMap
 * sets exactly those with `setBy: 'config'`; the table in README.md is printed from here.
 */
export const SETTINGS = {
  LOG_LEVEL: {
    type: 'choice',
    choices: ['debug', 'info', 'warn', 'error'],
    default: 'info',
    setBy: 'config',
    description: 'The least severe level that is logged.',
  },
  CLUSTER_NAME: {
    type: 'text',
    pattern: '^[a-z0-9][-a-z0-9]{1,61}[a-z0-9]$',
    format: 'a DNS label of 3 to 63 lower-case letters, digits and dashes',
    setBy: 'config',
    description: 'The name this cluster registers with. Unique per backend.',
  },
  CLUSTER_REGION: { type: 'text', default: '', setBy: 'config', description: 'Sent as metadata at registration.' },
  CLUSTER_ENVIRONMENT: {
    type: 'choice',
    choices: ['', 'production', 'staging', 'development', 'testing'],
    default: '',
    setBy: 'config',
    description: 'Sent as metadata at registration. With `production`, BACKEND_URL must be https.',
  },
  CLUSTER_METADATA: {
    type: 'json',
    default: '{}',
    setBy: 'config',
    description: 'A JSON object, sent as metadata at registration.',
  },
  BACKEND_URL: {
    type: 'url',
    setBy: 'config',
    description:
      'http(s) URL of the backend, with an optional port and base path. The base path prefixes the API and the Socket.IO path.',
  },
  BACKEND_SOCKET_PATH: {
    type: 'path',
    default: '/socket.io',
    setBy: 'config',
    description: 'Path of the Socket.IO endpoint under BACKEND_URL.',
  },
  BACKEND_CONNECTION_TIMEOUT_SECONDS: {
    type: 'integer',
    unit: 's',
    min: 1,
    max: 300,
    default: '30',
    setBy: 'config',
    description: 'How long one connection attempt, and one acknowledgement, may take.',
  },
  BACKEND_RECONNECTION_ENABLED: {
    type: 'boolean',
    default: 'true',
    setBy: 'config',
    description:
      'Connect again after a failed attempt or a lost connection. When false, one connection is made and data is only queued after it ends.',
  },
  BACKEND_RECONNECTION_DELAY_MS: {
    type: 'integer',
    unit: 'ms',
    min: 1,
    max: 3600000,
    default: '1000',
    setBy: 'config',
    description: 'Ceiling of the first delay between attempts.',
  },
  BACKEND_RECONNECTION_MAX_DELAY_MS: {
    type: 'integer',
    unit: 'ms',
    min: 1,
    max: 3600000,
    default: '30000',
    setBy: 'config',
    description: 'Ceiling of every delay between attempts.',
  },
  BACKEND_RECONNECTION_MULTIPLIER: {
    type: 'number',
    min: 1,
    max: 100,
    default: '2',
    setBy: 'config',
    description: 'Growth of the ceiling from one failed attempt to the next.',
  },
  BACKEND_RECONNECTION_RANDOMIZATION: {
    type: 'number',
    min: 0,
    max: 1,
    default: '0.5',
    setBy: 'config',
    description: 'The part of each delay that is random: 0 waits the ceiling, 1 anything from 0 to it (full jitter).',
  },
  BACKEND_CIRCUIT_BREAKER_ENABLED: {
    type: 'boolean',
    default: 'true',
    setBy: 'config',
    description: 'Pause connection attempts after repeated failures. Data is queued all the same.',
  },
  BACKEND_CIRCUIT_BREAKER_FAILURE_THRESHOLD: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: '5',
    setBy: 'config',
    description:
      'Consecutive failed attempts that open the breaker. A connection that ends before ten seconds, with no frame acknowledged, is one; what fails for the relayer’s own files or queue is none.',
  },
  BACKEND_CIRCUIT_BREAKER_SUCCESS_THRESHOLD: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: '2',
    setBy: 'config',
    description: 'Successes (an acknowledged frame, ten seconds connected) that close a half-open breaker.',
  },
  BACKEND_CIRCUIT_BREAKER_TIMEOUT_SECONDS: {
    type: 'integer',
    unit: 's',
    min: 1,
    max: 86400,
    default: '60',
    setBy: 'config',
    description: 'How long the open breaker allows no attempt.',
  },
  BACKEND_CIRCUIT_BREAKER_HALF_OPEN_MAX_ATTEMPTS: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: '3',
    setBy: 'config',
    description: 'Failed attempts of the half-open breaker after which it opens again.',
  },
  BACKEND_PROXY_URL: {
    type: 'url',
    default: '',
    secret: true,
    setBy: 'config',
    description: 'HTTP(S) proxy for everything sent to the backend (CONNECT). May carry user and password.',
  },
  BACKEND_NO_PROXY: {
    type: 'text',
    default: '',
    setBy: 'config',
    description:
      'Comma-separated hosts, domains (`.example.com`), addresses and CIDRs reached without the proxy; `*` is all.',
  },
  OTLP_GRPC_PORT: {
    type: 'integer',
    unit: 'port',
    min: 1,
    max: 65535,
    default: '4317',
    setBy: 'config',
    description: 'OTLP/gRPC.',
  },
  OTLP_HTTP_PORT: {
    type: 'integer',
    unit: 'port',
    min: 1,
    max: 65535,
    default: '4318',
    setBy: 'config',
    description: 'OTLP/HTTP.',
  },
  OTLP_MAX_REQUEST_BYTES: {
    type: 'integer',
    unit: 'bytes',
    min: 1024,
    max: 536870912,
    default: '67108864',
    setBy: 'config',
    description: 'Limit of one request, before and after decompression.',
  },
  OTLP_MAX_CONNECTION_AGE_SECONDS: {
    type: 'integer',
    unit: 's',
    min: 1,
    max: 86400,
    default: '600',
    setBy: 'config',
    description:
      'A sender’s connection is closed in an orderly way at this age ± 10 %, so that long-lived connections spread over replicas.',
  },
  QUEUE_MAX_BYTES: {
    type: 'integer',
    unit: 'bytes',
    min: 1048576,
    max: 1099511627776,
    default: '1073741824',
    setBy: 'config',
    description: 'Bound of the queue on disk. When it is reached senders are told to retry.',
  },
  QUEUE_FSYNC: {
    type: 'boolean',
    default: 'false',
    setBy: 'config',
    description: 'fsync (in groups) before acknowledging: survives a crash of the node, not only of the process.',
  },
  HEALTH_PORT: {
    type: 'integer',
    unit: 'port',
    min: 1,
    max: 65535,
    default: '8080',
    setBy: 'config',
    description: '/health, /livez, /readyz and /metrics.',
  },
  REGISTRATION_MODE: {
    type: 'choice',
    choices: ['job', 'startup', 'none'],
    default: 'job',
    setBy: 'config',
    description:
      '`startup`: the relayer registers the cluster itself when it has no credentials. `job`, `none`: it waits for the credentials files.',
  },
  CREDENTIALS_SECRET_NAME: {
    type: 'text',
    pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
    format: 'a Kubernetes object name',
    default: 'consonant-relayer-cluster',
    setBy: 'config',
    description: 'The Secret that `register` writes clusterId and clusterToken to.',
  },
  POD_NAME: {
    type: 'text',
    default: '',
    setBy: 'pod',
    description:
      'Instance name: in every log line, in the handshake, and the field manager of `register`. Host name when unset.',
  },
  POD_NAMESPACE: {
    type: 'text',
    default: 'default',
    setBy: 'pod',
    description: 'Namespace of the credentials Secret.',
  },
  KUBERNETES_SERVICE_HOST: {
    type: 'host',
    default: '',
    setBy: 'kubernetes',
    description: 'API server, for `register`.',
  },
  KUBERNETES_SERVICE_PORT: {
    type: 'integer',
    unit: 'port',
    min: 1,
    max: 65535,
    default: '443',
    setBy: 'kubernetes',
    description: 'API server, for `register`.',
  },
} as const;

/** The name of an environment variable the relayer reads. */
export type Variable = keyof typeof SETTINGS;

type ValueOf<S> = S extends { readonly type: 'integer' | 'number' }
  ? number
  : S extends { readonly type: 'boolean' }
    ? boolean
    : S extends { readonly type: 'json' }
      ? Readonly<Record<string, unknown>>
      : S extends { readonly choices: readonly (infer C)[] }
        ? C
        : string;

/** The parsed settings, keyed by their variables so that one search finds definition and use. */
export type Settings = { readonly [V in Variable]: ValueOf<(typeof SETTINGS)[V]> };
