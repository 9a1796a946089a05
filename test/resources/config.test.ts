import { describe, expect, it } from 'vitest';
import { fullname, one, render } from './render.ts';

const dataOf = (values = {}): Record<string, string> => one(render(values), 'ConfigMap', '-config').data;

describe('the settings', () => {
  it('are the variables of the contract with the relayer, with their defaults', () => {
    expect(dataOf()).toEqual({
      LOG_LEVEL: 'info',
      CLUSTER_NAME: 'east',
      CLUSTER_METADATA: '{}',
      BACKEND_URL: 'https://consonant.example.com',
      BACKEND_SOCKET_PATH: '/socket.io',
      BACKEND_CONNECTION_TIMEOUT_SECONDS: '30',
      BACKEND_RECONNECTION_ENABLED: 'true',
      BACKEND_RECONNECTION_DELAY_MS: '1000',
      BACKEND_RECONNECTION_MAX_DELAY_MS: '30000',
      BACKEND_RECONNECTION_MULTIPLIER: '2',
      BACKEND_RECONNECTION_RANDOMIZATION: '0.5',
      BACKEND_CIRCUIT_BREAKER_ENABLED: 'true',
      BACKEND_CIRCUIT_BREAKER_FAILURE_THRESHOLD: '5',
      BACKEND_CIRCUIT_BREAKER_SUCCESS_THRESHOLD: '2',
      BACKEND_CIRCUIT_BREAKER_TIMEOUT_SECONDS: '60',
      BACKEND_CIRCUIT_BREAKER_HALF_OPEN_MAX_ATTEMPTS: '3',
      OTLP_GRPC_PORT: '4317',
      OTLP_HTTP_PORT: '4318',
      OTLP_MAX_REQUEST_BYTES: '67108864',
      OTLP_MAX_CONNECTION_AGE_SECONDS: '600',
      QUEUE_MAX_BYTES: '1073741824',
      QUEUE_FSYNC: 'false',
      HEALTH_PORT: '8080',
      REGISTRATION_MODE: 'job',
      CREDENTIALS_SECRET_NAME: `${fullname}-cluster`,
    });
  });

  it('have the optional ones only when they are set', () => {
    const values = {
      cluster: { region: 'eu', environment: 'staging' },
      backend: { proxy: { url: 'http://proxy:3128', noProxy: '.svc' } },
    };
    expect(dataOf(values)).toMatchObject({
      CLUSTER_REGION: 'eu',
      CLUSTER_ENVIRONMENT: 'staging',
      BACKEND_PROXY_URL: 'http://proxy:3128',
      BACKEND_NO_PROXY: '.svc',
    });
  });

  it('keep big and small numbers as they are written', () => {
    const values = {
      backend: { reconnection: { multiplier: 1.25, randomization: 0 } },
      relayer: { queue: { maxBytes: 2 ** 40 }, otel: { maxRequestBytes: 1000000 } },
    };
    expect(dataOf(values)).toMatchObject({
      BACKEND_RECONNECTION_MULTIPLIER: '1.25',
      BACKEND_RECONNECTION_RANDOMIZATION: '0',
      QUEUE_MAX_BYTES: '1099511627776',
      OTLP_MAX_REQUEST_BYTES: '1000000',
    });
  });

  it.each([
    ['90s', '90'],
    ['10m', '600'],
    ['2h', '7200'],
  ])('give the duration %s as %s seconds', (maxConnectionAge, seconds) => {
    expect(dataOf({ relayer: { otel: { maxConnectionAge } } })['OTLP_MAX_CONNECTION_AGE_SECONDS']).toBe(seconds);
  });

  it('hold the facts about the cluster as JSON, whatever is in them', () => {
    const metadata = { provider: 'aws', tags: { 'a"b': "c'd\n---" }, list: [1, 1000000, 0.5, null, true, '{{ x }}'] };
    expect(JSON.parse(dataOf({ cluster: { metadata } })['CLUSTER_METADATA'] ?? '')).toEqual(metadata);
  });

  it.each([
    [{}, 'job', `${fullname}-cluster`],
    [{ registration: { mode: 'startup' } }, 'startup', `${fullname}-cluster`],
    [{ registration: { enabled: false } }, 'none', `${fullname}-cluster`],
    [{ backend: { credentials: { existingSecret: 'mine' } } }, 'none', 'mine'],
    [{ backend: { credentials: { existingSecret: 'mine' } }, registration: { mode: 'startup' } }, 'none', 'mine'],
  ])('with %o say that registration is by %s and the Secret is %s', (values, mode, secret) => {
    expect(dataOf(values)).toMatchObject({ REGISTRATION_MODE: mode, CREDENTIALS_SECRET_NAME: secret });
  });

  it('are the same for the Job that registers', () => {
    const objects = render({ relayer: { logLevel: 'debug' } });
    expect(one(objects, 'ConfigMap', '-register').data).toEqual(one(objects, 'ConfigMap', '-config').data);
  });
});
