import { expect, test } from 'vitest';
import { parseSettings } from '../../src/config/parse-settings.ts';
import { SETTINGS } from '../../src/config/settings.ts';

const MINIMAL = { CLUSTER_NAME: 'production-us-east-1', BACKEND_URL: 'https://consonant.company.com' };

function problems(env: Record<string, string>): string[] {
  const parsed = parseSettings({ ...MINIMAL, ...env });
  return parsed.ok ? [] : parsed.problems.map(({ variable }) => variable);
}

function message(env: Record<string, string>): string {
  const parsed = parseSettings({ ...MINIMAL, ...env });
  return parsed.ok ? '' : parsed.problems.map((problem) => problem.message).join('\n');
}

/*
 * The contract with the chart, written down a second time on purpose: the chart's tests hold its
 * ConfigMap to the same list. Who adds a variable on one side has to come here.
 */
const CONTRACT =
  `LOG_LEVEL CLUSTER_NAME CLUSTER_REGION CLUSTER_ENVIRONMENT CLUSTER_METADATA BACKEND_URL BACKEND_SOCKET_PATH
  BACKEND_CONNECTION_TIMEOUT_SECONDS BACKEND_RECONNECTION_ENABLED BACKEND_RECONNECTION_DELAY_MS BACKEND_RECONNECTION_MAX_DELAY_MS
  BACKEND_RECONNECTION_MULTIPLIER BACKEND_RECONNECTION_RANDOMIZATION BACKEND_CIRCUIT_BREAKER_ENABLED BACKEND_CIRCUIT_BREAKER_FAILURE_THRESHOLD
  BACKEND_CIRCUIT_BREAKER_SUCCESS_THRESHOLD BACKEND_CIRCUIT_BREAKER_TIMEOUT_SECONDS BACKEND_CIRCUIT_BREAKER_HALF_OPEN_MAX_ATTEMPTS
  BACKEND_PROXY_URL BACKEND_NO_PROXY OTLP_GRPC_PORT OTLP_HTTP_PORT OTLP_MAX_REQUEST_BYTES OTLP_MAX_CONNECTION_AGE_SECONDS QUEUE_MAX_BYTES
  QUEUE_FSYNC HEALTH_PORT REGISTRATION_MODE CREDENTIALS_SECRET_NAME`.split(/\s+/);

test('the variables of the ConfigMap are exactly those of the contract with the chart', () => {
  const fromConfigMap = Object.entries(SETTINGS).filter(([, { setBy }]) => setBy === 'config');
  expect(fromConfigMap.map(([variable]) => variable).sort()).toEqual([...CONTRACT].sort());
  const others = Object.entries(SETTINGS).filter(([, { setBy }]) => setBy !== 'config');
  expect(others.map(([variable]) => variable)).toEqual([
    'POD_NAME',
    'POD_NAMESPACE',
    'KUBERNETES_SERVICE_HOST',
    'KUBERNETES_SERVICE_PORT',
  ]);
});

test('name and backend are all that is needed; defaults are those of the values page', () => {
  const parsed = parseSettings(MINIMAL);
  expect(parsed).toMatchObject({
    ok: true,
    settings: {
      LOG_LEVEL: 'info',
      BACKEND_SOCKET_PATH: '/socket.io',
      BACKEND_CONNECTION_TIMEOUT_SECONDS: 30,
      BACKEND_RECONNECTION_ENABLED: true,
      BACKEND_RECONNECTION_DELAY_MS: 1000,
      BACKEND_RECONNECTION_MAX_DELAY_MS: 30000,
      BACKEND_RECONNECTION_MULTIPLIER: 2,
      BACKEND_RECONNECTION_RANDOMIZATION: 0.5,
      BACKEND_CIRCUIT_BREAKER_FAILURE_THRESHOLD: 5,
      BACKEND_CIRCUIT_BREAKER_SUCCESS_THRESHOLD: 2,
      BACKEND_CIRCUIT_BREAKER_TIMEOUT_SECONDS: 60,
      BACKEND_CIRCUIT_BREAKER_HALF_OPEN_MAX_ATTEMPTS: 3,
      OTLP_GRPC_PORT: 4317,
      OTLP_HTTP_PORT: 4318,
      OTLP_MAX_REQUEST_BYTES: 64 << 20,
      OTLP_MAX_CONNECTION_AGE_SECONDS: 600,
      QUEUE_MAX_BYTES: 1 << 30,
      QUEUE_FSYNC: false,
      HEALTH_PORT: 8080,
      REGISTRATION_MODE: 'job',
      CLUSTER_METADATA: {},
    },
  });
});

test('every problem is reported at once, with its variable', () => {
  expect(
    problems({
      CLUSTER_NAME: '',
      BACKEND_URL: 'x',
      LOG_LEVEL: 'loud',
      QUEUE_FSYNC: 'yes',
      CLUSTER_METADATA: '[1]',
      OTLP_GRPC_PORT: '0',
    }),
  ).toEqual(['LOG_LEVEL', 'CLUSTER_NAME', 'CLUSTER_METADATA', 'BACKEND_URL', 'OTLP_GRPC_PORT', 'QUEUE_FSYNC']);
  expect(problems({ OTLP_HTTP_PORT: '4317' })).toEqual(['OTLP_HTTP_PORT']);
  expect(problems({ BACKEND_RECONNECTION_DELAY_MS: '5000', BACKEND_RECONNECTION_MAX_DELAY_MS: '1000' })).toEqual([
    'BACKEND_RECONNECTION_DELAY_MS',
  ]);
  expect(problems({ CLUSTER_ENVIRONMENT: 'production', BACKEND_URL: 'http://x' })).toEqual(['BACKEND_URL']);
  expect(
    problems({
      OTLP_GRPC_PORT: 'tcp://10.0.0.1:4317',
      BACKEND_RECONNECTION_RANDOMIZATION: '1.5',
      QUEUE_MAX_BYTES: '1e9',
    }),
  ).toEqual(['BACKEND_RECONNECTION_RANDOMIZATION', 'OTLP_GRPC_PORT', 'QUEUE_MAX_BYTES']);
  // Can be read, but not be written into a registration.
  expect(problems({ CLUSTER_METADATA: `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}` })).toEqual([
    'CLUSTER_METADATA',
  ]);
});

test('backend.url: http(s), port and base path; no user, query or fragment', () => {
  for (const url of ['https://a.example', 'http://localhost:3000', 'https://a.example/base/', 'http://[::1]:80'])
    expect(problems({ BACKEND_URL: url })).toEqual([]);
  for (const url of ['ws://a', 'https://user:pw@a', 'https://a?x=1', 'https://a#b', 'a.example'])
    expect(problems({ BACKEND_URL: url })).toEqual(['BACKEND_URL']);
});

test('the API server’s host: a name or an address, and nothing else that a URL could hold', () => {
  for (const host of ['', 'kubernetes.default.svc', '10.96.0.1', 'fd00:10:96::1'])
    expect(problems({ KUBERNETES_SERVICE_HOST: host })).toEqual([]);
  for (const host of ['https://10.96.0.1', '10.96.0.1/', 'a b', 'user@a', '10.96.0.300', 'fd00::10::1', '[fd00::1]'])
    expect(problems({ KUBERNETES_SERVICE_HOST: host })).toEqual(['KUBERNETES_SERVICE_HOST']);
});

test('a message never repeats what may be secret', () => {
  expect(message({ BACKEND_URL: 'https://user:hunter2222@a' })).not.toContain('hunter2222');
  expect(message({ BACKEND_PROXY_URL: 'ftp://user:hunter2222@proxy' })).not.toContain('hunter2222');
  expect(message({ CLUSTER_METADATA: '{"password":"hunter2222"' })).not.toContain('hunter2222');
});

test('rules across settings: all that are broken at once', () => {
  expect(
    problems({
      OTLP_GRPC_PORT: '8080',
      OTLP_HTTP_PORT: '8080',
      BACKEND_RECONNECTION_DELAY_MS: '60000',
      CLUSTER_ENVIRONMENT: 'production',
      BACKEND_URL: 'http://a.example',
      LOG_LEVEL: 'loud',
    }),
  ).toEqual(['LOG_LEVEL', 'BACKEND_RECONNECTION_DELAY_MS', 'BACKEND_URL', 'OTLP_HTTP_PORT', 'HEALTH_PORT']);
  expect(message({ OTLP_GRPC_PORT: '8080' })).toBe('`HEALTH_PORT` must differ from `OTLP_GRPC_PORT`');
});

test('backend.proxy.url: what could not be sent later is found at the start, and never shown', () => {
  for (const url of ['http://user:100%25sure@proxy:3128', 'http://proxy:3128', 'https://user@proxy'])
    expect(problems({ BACKEND_PROXY_URL: url })).toEqual([]);
  for (const url of ['http://user:100%sure@proxy:3128', 'http://100%:x@proxy', 'http://user:hunter/2@proxy']) {
    expect(problems({ BACKEND_PROXY_URL: url })).toEqual(['BACKEND_PROXY_URL']);
    expect(message({ BACKEND_PROXY_URL: url })).toContain('% is written as %25');
    expect(message({ BACKEND_PROXY_URL: url })).not.toMatch(/sure|hunter/);
  }
});
