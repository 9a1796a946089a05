/**
 * Chart and process are built apart. This holds what one sets against what the other reads, without an import of
 * one by the other.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Setting, SETTINGS } from '../../relayer/src/config/settings.ts';
import { METRICS } from '../../relayer/src/observe/metrics.ts';
import type { JsonSchema } from '../../src/schema/json-schema.ts';
import { definition } from '../../src/resources/definition.ts';
import { relayerMetrics } from '../resources/metrics.ts';
import { all, one, render } from '../resources/render.ts';

const settings: Readonly<Record<string, Setting>> = SETTINGS;
const setByConfig = Object.keys(settings).filter((name) => settings[name]?.setBy === 'config');

/** Values that make the chart set every variable. */
const everything = {
  cluster: { region: 'eu-1', environment: 'testing', metadata: { a: 1 } },
  backend: { proxy: { url: 'http://proxy.test:3128', noProxy: 'a.test' } },
};

describe("the ConfigMap's variables", () => {
  const data = one(render(everything), 'ConfigMap', '-config').data as Record<string, string>;

  test('are exactly those that the relayer reads', () => {
    expect(Object.keys(data).toSorted()).toEqual(setByConfig.toSorted());
  });

  test('have the defaults that the relayer has, where the chart has one too', () => {
    const plain = one(render(), 'ConfigMap', '-config').data as Record<string, string>;
    const own = new Set(['CREDENTIALS_SECRET_NAME', 'CLUSTER_NAME', 'BACKEND_URL']);
    const differing = Object.entries(plain).filter(
      ([name, value]) => !own.has(name) && settings[name]?.default !== value,
    );
    expect(differing).toEqual([]);
  });
});

/** Where a variable's value comes from. */
const sources: Readonly<Record<string, string>> = {
  BACKEND_CONNECTION_TIMEOUT_SECONDS: 'backend.connectionTimeout',
  BACKEND_RECONNECTION_DELAY_MS: 'backend.reconnection.delay',
  BACKEND_RECONNECTION_MAX_DELAY_MS: 'backend.reconnection.maxDelay',
  BACKEND_RECONNECTION_MULTIPLIER: 'backend.reconnection.multiplier',
  BACKEND_RECONNECTION_RANDOMIZATION: 'backend.reconnection.randomization',
  BACKEND_CIRCUIT_BREAKER_FAILURE_THRESHOLD: 'backend.circuitBreaker.failureThreshold',
  BACKEND_CIRCUIT_BREAKER_SUCCESS_THRESHOLD: 'backend.circuitBreaker.successThreshold',
  BACKEND_CIRCUIT_BREAKER_TIMEOUT_SECONDS: 'backend.circuitBreaker.timeout',
  BACKEND_CIRCUIT_BREAKER_HALF_OPEN_MAX_ATTEMPTS: 'backend.circuitBreaker.halfOpenMaxAttempts',
  OTLP_GRPC_PORT: 'relayer.otel.grpcPort',
  OTLP_HTTP_PORT: 'relayer.otel.httpPort',
  OTLP_MAX_REQUEST_BYTES: 'relayer.otel.maxRequestBytes',
  QUEUE_MAX_BYTES: 'relayer.queue.maxBytes',
  HEALTH_PORT: 'relayer.health.port',
};

function schemaAt(path: string): JsonSchema {
  let schema: JsonSchema = definition.schema.json;
  for (const key of path.split('.')) schema = schema.properties?.[key] ?? {};
  return schema;
}

describe('a value that the chart accepts', () => {
  const numeric = setByConfig.filter(
    (name) => settings[name]?.min !== undefined && name !== 'OTLP_MAX_CONNECTION_AGE_SECONDS',
  );

  test('has a source named here, if it is a number', () => {
    expect(Object.keys(sources).toSorted()).toEqual(numeric.toSorted());
  });

  test.each(Object.entries(sources))('%s is within what the relayer takes', (name, path) => {
    const { minimum = Number.NaN, maximum = Number.NaN } = schemaAt(path);
    expect(minimum).toBeGreaterThanOrEqual(settings[name]?.min ?? Number.NaN);
    expect(maximum).toBeLessThanOrEqual(settings[name]?.max ?? Number.NaN);
  });

  test.each([
    ['LOG_LEVEL', 'relayer.logLevel'],
    ['CLUSTER_ENVIRONMENT', 'cluster.environment'],
  ])('%s has the same choices', (name, path) => {
    expect(settings[name]?.choices?.toSorted()).toEqual([...(schemaAt(path).enum ?? [])].toSorted());
  });
});

describe('the pods', () => {
  const relayer = all(render(), 'Deployment')[0]?.spec.template.spec.containers[0];

  test('set what the relayer reads from the pod, and nothing that it does not know', () => {
    const names = (relayer.env as { name: string }[]).map(({ name }) => name);
    expect(names.toSorted()).toEqual(
      Object.keys(settings)
        .filter((name) => settings[name]?.setBy === 'pod')
        .toSorted(),
    );
  });

  test.each([
    ['Deployment', 'run'],
    ['Job', 'register'],
    ['Pod', 'probe'],
  ])('of the %s give a command line that the relayer understands', (kind, command) => {
    const [object] = all(render(), kind);
    if (object === undefined) throw new Error(`there is no ${kind}`);
    const { containers } = kind === 'Pod' ? object.spec : object.spec.template.spec;
    const args = containers[0].args as string[];
    expect(args[0]).toBe(command);
    // Without settings it ends with 64 and says so; a command line that it does not know prints its usage.
    const main = fileURLToPath(new URL('../../relayer/src/main.ts', import.meta.url));
    const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));
    const options = {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HEALTH_PORT: 'x' },
      timeout: 20_000,
    } as const;
    const run = spawnSync(process.execPath, [tsx, main, ...args], options);
    expect(run.stdout + run.stderr).not.toMatch(/usage/i);
    expect(run.stdout + run.stderr).toContain('HEALTH_PORT');
    expect(run.status).toBe(64);
  });
});

test('alerts and panels name metrics that the relayer has', () => {
  expect(relayerMetrics.filter((name) => !Object.hasOwn(METRICS, name))).toEqual([]);
});
