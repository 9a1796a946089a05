import { deadlineIn, type Component } from './component.ts';
import { CredentialSource } from './config/credentials.ts';
import type { Files } from './config/files.ts';
import type { Settings } from './config/settings.ts';
import { Uplink } from './deliver/uplink.ts';
import { HealthServer, type Health } from './observe/health-server.ts';
import type { Logger } from './observe/logger.ts';
import { Metrics } from './observe/metrics.ts';
import { backendEndpoint, type BackendEndpoint } from './protocol/backend-endpoint.ts';
import { DiskQueue } from './queue/disk-queue.ts';
import { GrpcServer } from './receive/grpc-server.ts';
import { HttpServer } from './receive/http-server.ts';
import { Intake } from './receive/intake.ts';
import { StartupRegistration } from './register/startup-registration.ts';

/**
 * How the grace period (30 s by default in Kubernetes) is spent: running requests, then what is
 * queued. Together they stay below it.
 */
const FINISH_REQUESTS_MS = 5_000;
const DRAIN_QUEUE_MS = 15_000;

export interface RelayerOptions {
  readonly settings: Settings;
  readonly files: Files;
  readonly log: Logger;
}

/** Reads the endpoint from settings and files as they are now. */
export function endpointFrom(settings: Settings, credentials: CredentialSource): BackendEndpoint {
  return backendEndpoint({
    url: settings.BACKEND_URL,
    socketPath: settings.BACKEND_SOCKET_PATH,
    proxyUrl: settings.BACKEND_PROXY_URL,
    noProxy: settings.BACKEND_NO_PROXY,
    ca: credentials.backendCa(),
    headers: credentials.accessHeaders(),
  });
}

/**
 * Builds the stages and joins them:
 *
 *   OTLP ─► GrpcServer ┐
 *           HttpServer ┴► Intake ─► DiskQueue ─► Uplink ─► backend
 *
 * Start: health, queue, uplink, receivers. Stop: receivers, uplink, queue, health.
 */
export class Relayer {
  readonly #settings: Settings;
  readonly #log: Logger;
  readonly #queue: DiskQueue;
  readonly #intake: Intake;
  readonly #uplink: Uplink;
  readonly #registration: StartupRegistration | undefined;
  readonly #receivers: readonly Component[];
  readonly #health: HealthServer;
  #receiving = false;
  #stopped: Promise<void> | undefined;

  constructor({ settings, files, log }: RelayerOptions) {
    this.#settings = settings;
    this.#log = log;
    const metrics = new Metrics();
    const credentials = new CredentialSource(files, (secret) => log.hide(secret));
    const { clusterId } = credentials.read() ?? {};
    if (clusterId) log.setClusterId(clusterId);
    this.#queue = buildQueue(settings, files, metrics, log);
    this.#intake = new Intake({ sink: this.#queue, maxRequestBytes: settings.OTLP_MAX_REQUEST_BYTES, metrics, log });
    this.#uplink = buildUplink({ settings, credentials, queue: this.#queue, metrics, log });
    const maxConnectionAgeMs = settings.OTLP_MAX_CONNECTION_AGE_SECONDS * 1000;
    this.#receivers = [
      new GrpcServer({ intake: this.#intake, port: settings.OTLP_GRPC_PORT, maxConnectionAgeMs }),
      new HttpServer({ intake: this.#intake, port: settings.OTLP_HTTP_PORT, maxConnectionAgeMs }),
    ];
    if (settings.REGISTRATION_MODE === 'startup')
      this.#registration = new StartupRegistration({
        settings,
        files,
        credentials,
        endpoint: () => endpointFrom(settings, credentials),
        log,
      });
    this.#health = new HealthServer({
      port: settings.HEALTH_PORT,
      metrics,
      health: () => this.#describeHealth(),
      notReady: () => this.#notReady(),
    });
    publishProcessMetrics(metrics);
  }

  /** Resolves when it listens; the backend may still be down. */
  async start(): Promise<void> {
    await this.#health.start();
    await this.#queue.start();
    // Without the queue's epoch there is nothing to say to the backend.
    this.#queue.onOpen(() => {
      if (!this.#stopped) void this.#uplink.start();
    });
    await this.#registration?.start();
    for (const receiver of this.#receivers) await receiver.start();
    this.#receiving = true;
    const { OTLP_GRPC_PORT, OTLP_HTTP_PORT, HEALTH_PORT } = this.#settings;
    this.#log.info('Listening', {
      grpcPort: OTLP_GRPC_PORT,
      httpPort: OTLP_HTTP_PORT,
      healthPort: HEALTH_PORT,
      queueBytes: this.#queue.stats().pendingBytes,
    });
  }

  /** Safe to call twice: the second call waits for the first. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    // After a failed start the next one is near, and the queue keeps what it holds.
    const drainMs = this.#receiving ? DRAIN_QUEUE_MS : 0;
    this.#receiving = false;
    const finish = deadlineIn(FINISH_REQUESTS_MS);
    await Promise.all(this.#receivers.map((receiver) => receiver.stop(finish)));
    this.#intake.refuseAll();
    await this.#registration?.stop(finish);
    await this.#uplink.stop(deadlineIn(drainMs));
    const { pendingBytes } = this.#queue.stats();
    const wasOpen = this.#queue.isOpen;
    await this.#queue.stop();
    await this.#health.stop(finish);
    if (pendingBytes > 0)
      this.#log.warn('Stopped with data in the queue: it is sent after the next start from the same directory', {
        queueBytes: pendingBytes,
      });
    else this.#log.info(wasOpen ? 'Stopped; the queue is empty' : 'Stopped; the queue was not open');
  }

  #notReady(): string | undefined {
    if (this.#stopped) return 'the relayer is stopping';
    if (!this.#receiving) return 'the relayer is starting';
    return this.#queue.writable ? undefined : 'the queue can not be written';
  }

  #describeHealth(): Health {
    const { connected, clusterId, problem } = this.#uplink.status;
    const notReady = this.#notReady();
    const reasons = [
      notReady,
      connected ? undefined : `not connected to the backend: ${problem ?? 'connecting'}`,
    ].filter((reason) => reason !== undefined);
    return {
      status: reasons.length === 0 ? 'ok' : 'degraded',
      socket: { connected, clusterId: clusterId ?? null },
      otel: { port: this.#settings.OTLP_GRPC_PORT, ready: notReady === undefined },
      ...(reasons.length > 0 ? { reasons } : {}),
    };
  }
}

function buildQueue(settings: Settings, files: Files, metrics: Metrics, log: Logger): DiskQueue {
  const queue = new DiskQueue({
    directory: files.queueDirectory,
    maxBytes: settings.QUEUE_MAX_BYTES,
    fsync: settings.QUEUE_FSYNC,
    onDamage: ({ records, bytes }) => {
      metrics.add('relayer_queue_damaged_records_total', records);
      metrics.add('relayer_queue_damaged_bytes_total', bytes);
      log.warnRarely('Damaged data in the queue was skipped', { records, bytes });
    },
    onWritable: (writable, reason) => {
      if (writable) log.info('The queue is writable');
      else log.error('The queue can not be written: senders are told to retry', { reason });
    },
    onLettersWaiting: (reason) => {
      if (reason === undefined) log.info('The dead letters that waited in the queue were written');
      else log.warn('Dead letters can not be written: they wait in the queue and are tried again', { reason });
    },
    onLetterLost: (reason) => {
      metrics.add('relayer_dead_letters_lost_total', 1);
      log.error('A dead letter that waited in the queue is lost', { reason });
    },
    onDeleted: (file) => {
      metrics.add('relayer_queue_files_deleted_total', 1);
      log.error('A file of the queue was deleted by somebody while it was in use; it goes on with a new one', { file });
    },
    onOddity: (message, details) => log.warn(message, details),
  });
  metrics.set('relayer_queue_max_bytes', settings.QUEUE_MAX_BYTES);
  metrics.beforePrint(() => {
    const { pendingBytes, diskBytes, oldestMs } = queue.stats();
    metrics.set('relayer_queue_bytes', pendingBytes);
    metrics.set('relayer_queue_disk_bytes', diskBytes);
    // The wall clock may have been set back since.
    metrics.set(
      'relayer_queue_oldest_age_seconds',
      oldestMs === undefined ? 0 : Math.max(0, (Date.now() - oldestMs) / 1000),
    );
    metrics.set('relayer_queue_writable', queue.writable ? 1 : 0);
  });
  return queue;
}

function buildUplink({
  settings,
  credentials,
  queue,
  metrics,
  log,
}: {
  settings: Settings;
  credentials: CredentialSource;
  queue: DiskQueue;
  metrics: Metrics;
  log: Logger;
}): Uplink {
  return new Uplink({
    queue,
    credentials,
    endpoint: () => endpointFrom(settings, credentials),
    instance: settings.POD_NAME,
    timeoutMs: settings.BACKEND_CONNECTION_TIMEOUT_SECONDS * 1000,
    reconnect: settings.BACKEND_RECONNECTION_ENABLED,
    backoff: {
      delayMs: settings.BACKEND_RECONNECTION_DELAY_MS,
      maxDelayMs: settings.BACKEND_RECONNECTION_MAX_DELAY_MS,
      multiplier: settings.BACKEND_RECONNECTION_MULTIPLIER,
      randomization: settings.BACKEND_RECONNECTION_RANDOMIZATION,
    },
    breaker: {
      enabled: settings.BACKEND_CIRCUIT_BREAKER_ENABLED,
      failureThreshold: settings.BACKEND_CIRCUIT_BREAKER_FAILURE_THRESHOLD,
      successThreshold: settings.BACKEND_CIRCUIT_BREAKER_SUCCESS_THRESHOLD,
      timeoutMs: settings.BACKEND_CIRCUIT_BREAKER_TIMEOUT_SECONDS * 1000,
      halfOpenMaxAttempts: settings.BACKEND_CIRCUIT_BREAKER_HALF_OPEN_MAX_ATTEMPTS,
    },
    metrics,
    log,
  });
}

function publishProcessMetrics(metrics: Metrics): void {
  metrics.set('process_start_time_seconds', Math.round(Date.now() / 1000 - process.uptime()));
  metrics.beforePrint(() => {
    const { user, system } = process.cpuUsage();
    metrics.set('process_cpu_seconds_total', (user + system) / 1e6);
    metrics.set('process_resident_memory_bytes', process.memoryUsage.rss());
  });
}
