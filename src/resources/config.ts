import { concat, isNotEmpty, json, named, namedPart, onlyWhen, scalarText, sha256 } from '../expression/build.ts';
import type { Expression } from '../expression/node.ts';
import type { ConfigMap } from '../kubernetes/types.ts';
import type { Templated } from '../expression/templated.ts';
import { values } from '../values/references.ts';
import { credentialsSecret, registrationMode, secondsOf } from './facts.ts';
import { chartName, metadata } from './names.ts';

const { backend, cluster, relayer } = values;
const { reconnection, circuitBreaker, proxy } = backend;

/** An integer as the text of an environment variable. */
const text = (value: Expression<number>): Expression<string> => concat(value);
const flag = (value: Expression<boolean>): Expression<string> => scalarText(value);

/**
 * The settings of the relayer and of `register`: each variable is the path of a value in upper snake case with
 * its unit. They are those of the relayer's settings table.
 */
export const config: Expression<{ readonly [key: string]: string }> = namedPart(`${chartName}.config`, {
  LOG_LEVEL: relayer.logLevel,
  CLUSTER_NAME: cluster.name,
  CLUSTER_REGION: onlyWhen(isNotEmpty(cluster.region), cluster.region),
  CLUSTER_ENVIRONMENT: onlyWhen(isNotEmpty(cluster.environment), cluster.environment),
  CLUSTER_METADATA: json(cluster.metadata),
  BACKEND_URL: backend.url,
  BACKEND_SOCKET_PATH: backend.socketPath,
  BACKEND_CONNECTION_TIMEOUT_SECONDS: text(backend.connectionTimeout),
  BACKEND_RECONNECTION_ENABLED: flag(reconnection.enabled),
  BACKEND_RECONNECTION_DELAY_MS: text(reconnection.delay),
  BACKEND_RECONNECTION_MAX_DELAY_MS: text(reconnection.maxDelay),
  BACKEND_RECONNECTION_MULTIPLIER: concat(reconnection.multiplier),
  BACKEND_RECONNECTION_RANDOMIZATION: concat(reconnection.randomization),
  BACKEND_CIRCUIT_BREAKER_ENABLED: flag(circuitBreaker.enabled),
  BACKEND_CIRCUIT_BREAKER_FAILURE_THRESHOLD: text(circuitBreaker.failureThreshold),
  BACKEND_CIRCUIT_BREAKER_SUCCESS_THRESHOLD: text(circuitBreaker.successThreshold),
  BACKEND_CIRCUIT_BREAKER_TIMEOUT_SECONDS: text(circuitBreaker.timeout),
  BACKEND_CIRCUIT_BREAKER_HALF_OPEN_MAX_ATTEMPTS: text(circuitBreaker.halfOpenMaxAttempts),
  BACKEND_PROXY_URL: onlyWhen(isNotEmpty(proxy.url), proxy.url),
  BACKEND_NO_PROXY: onlyWhen(isNotEmpty(proxy.noProxy), proxy.noProxy),
  OTLP_GRPC_PORT: text(relayer.otel.grpcPort),
  OTLP_HTTP_PORT: text(relayer.otel.httpPort),
  OTLP_MAX_REQUEST_BYTES: text(relayer.otel.maxRequestBytes),
  OTLP_MAX_CONNECTION_AGE_SECONDS: concat(secondsOf('maxConnectionAgeSeconds', relayer.otel.maxConnectionAge)),
  QUEUE_MAX_BYTES: text(relayer.queue.maxBytes),
  QUEUE_FSYNC: flag(relayer.queue.fsync),
  HEALTH_PORT: text(relayer.health.port),
  REGISTRATION_MODE: registrationMode,
  CREDENTIALS_SECRET_NAME: credentialsSecret,
});

/** Changes with every setting, so that the pods are replaced. */
export const configChecksum: Expression<string> = named(`${chartName}.configChecksum`, sha256(json(config)));

export const configMap: Templated<ConfigMap> = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata({ suffix: '-config' }),
  data: config,
};
