import { deadlineIn, sleep, type Component, type Deadline } from '../component.ts';
import type { CredentialSource } from '../config/credentials.ts';
import { describeError, RelayerError } from '../errors.ts';
import { type Logger, withoutSecrets } from '../observe/logger.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { BackendEndpoint } from '../protocol/backend-endpoint.ts';
import type { DiskQueue } from '../queue/disk-queue.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import { BREAKER_STATES, CircuitBreaker, type CircuitBreakerOptions } from './circuit-breaker.ts';
import { Connection, type Closed } from './connection.ts';
import { FrameWindow } from './frame-window.ts';
import { RefusalSearch } from './refusal-search.ts';

export interface UplinkOptions {
  readonly queue: DiskQueue;
  readonly credentials: CredentialSource;
  /** Read anew for every attempt. */
  readonly endpoint: () => BackendEndpoint;
  readonly instance: string;
  readonly timeoutMs: number;
  readonly reconnect: boolean;
  readonly backoff: BackoffOptions;
  readonly breaker: CircuitBreakerOptions;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** What `/health` says about the connection. */
export interface UplinkStatus {
  readonly connected: boolean;
  readonly clusterId: string | undefined;
  /** Why not connected, in words. */
  readonly problem: string | undefined;
}

const CREDENTIALS_POLL_MS = 1000;
const STABLE_AFTER_MS = 10_000;
const DRAINING_PAUSE_MS = 500;
/** How long `stop` waits for a connection, when there is none or it was lost. */
const CONNECT_TO_DRAIN_MS = 3_000;

/** What somebody can do about it; the other reasons mostly pass by themselves. */
const ACTIONS: Partial<Record<Closed['reason'], string>> = {
  refused: 'check the cluster credentials; a rotated token file is read by itself',
  protocol:
    'the backend does not follow PROTOCOL.md and must be mended; what it has not acknowledged stays in the queue',
  configuration: 'mend the file; it is read again with the next attempt',
};

/**
 * Keeps a connection to the backend and sends the queue's frames over it, for ever.
 *
 *   no credentials ─► waiting (backoff, breaker) ─► connecting ─► greeting ─► sending ─┐
 *         ▲                     ▲                        │            │               │
 *         └─────────────────────┴────────────────────────┴── failed ──┴─── closed ────┘
 *
 * Credentials files that change while not connected are tried at once.
 */
export class Uplink implements Component {
  readonly #options: UplinkOptions;
  readonly #backoff: Backoff;
  readonly #breaker: CircuitBreaker;
  readonly #search = new RefusalSearch();
  readonly #stopping = new AbortController();
  #draining = false;
  #connection: Connection | undefined;
  #window: FrameWindow | undefined;
  #loop: Promise<void> | undefined;
  #status: UplinkStatus = { connected: false, clusterId: undefined, problem: 'no attempt made yet' };
  #attempts = 0;
  /** This connection was of use, so its end is not a failed attempt. */
  #succeeded = false;
  #loopEnded = false;
  #triedCredentials = '';

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff);
    this.#breaker = new CircuitBreaker(options.breaker);
    options.queue.onStored(() => this.#window?.pump());
    options.metrics.beforePrint(() =>
      options.metrics.set('relayer_circuit_breaker_state', BREAKER_STATES[this.#breaker.state]),
    );
  }

  get status(): UplinkStatus {
    return this.#status;
  }

  /** Resolves at once: a backend that is down must not keep the relayer from listening. */
  start(): Promise<void> {
    this.#loop ??= this.#run().finally(() => (this.#loopEnded = true));
    return Promise.resolve();
  }

  /**
   * Sends what is queued until the deadline, also over a new connection, then closes. Ends earlier
   * when no connection comes about: the data is in the queue.
   */
  async stop(deadline: Deadline): Promise<void> {
    this.#draining = true;
    let connecting = deadlineIn(CONNECT_TO_DRAIN_MS);
    while (this.#loop && deadline.remainingMs() > 0 && connecting.remainingMs() > 0 && this.#mayDrain()) {
      if (this.#status.connected) connecting = deadlineIn(CONNECT_TO_DRAIN_MS);
      await sleep(10);
    }
    this.#stopping.abort();
    this.#connection?.close({ reason: 'closed', detail: 'the relayer is stopping' });
    await this.#loop;
  }

  #mayDrain(): boolean {
    const { queue, credentials } = this.#options;
    return !this.#loopEnded && !queue.isEmpty() && credentials.read() !== undefined;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      if (!(await this.#credentialsThere())) continue;
      await this.#pauseBeforeAttempt();
      if (signal.aborted) return;
      this.#noteEnd(await this.#connect().catch(whyNoAttempt));
      if (!this.#options.reconnect) return this.#noteFinalEnd();
    }
  }

  async #credentialsThere(): Promise<boolean> {
    const { credentials, log } = this.#options;
    const missing = credentials.problem();
    if (!missing || credentials.read()) return true;
    if (this.#status.problem !== missing) {
      log.warn('No credentials for the backend yet: data is queued until they appear', { reason: missing });
      this.#status = { ...this.#status, connected: false, problem: missing };
    }
    await sleep(CREDENTIALS_POLL_MS, this.#stopping.signal);
    return false;
  }

  /** Waits for backoff and breaker, or until the credentials files change. */
  async #pauseBeforeAttempt(): Promise<void> {
    const { credentials, log } = this.#options;
    const waitMs = this.#attempts === 0 ? 0 : Math.max(this.#backoff.nextMs(), this.#breaker.waitMs());
    const begin = performance.now();
    // While stopping there is no time for long pauses.
    const untilEnd = (): number =>
      begin + (this.#draining ? Math.min(waitMs, DRAINING_PAUSE_MS) : waitMs) - performance.now();
    while (!this.#stopping.signal.aborted && untilEnd() > 0) {
      if (credentials.version() !== this.#triedCredentials) {
        log.info('The credentials files changed: connecting with the new ones');
        this.#breaker.probeNow();
        break;
      }
      // Short, so that `stop` is noticed.
      await sleep(Math.min(DRAINING_PAUSE_MS, untilEnd()), this.#stopping.signal);
    }
    // Turns an expired pause of the breaker into half-open.
    this.#breaker.waitMs();
  }

  /** One connection from attempt to end. */
  async #connect(): Promise<Closed> {
    const { credentials, endpoint, instance, timeoutMs, metrics } = this.#options;
    this.#triedCredentials = credentials.version();
    this.#succeeded = false;
    if (this.#attempts++ > 0) metrics.add('relayer_reconnections_total', 1);
    let ended: (closed: Closed) => void = () => {};
    const end = new Promise<Closed>((resolve) => (ended = resolve));
    const readAuth = (): { clusterId: string; token: string; instance: string } => {
      const { clusterId = '', clusterToken = '' } = credentials.read() ?? {};
      this.#status = { ...this.#status, clusterId };
      this.#options.log.setClusterId(clusterId);
      return { clusterId, token: clusterToken, instance };
    };
    const connection = new Connection({ endpoint: endpoint(), readAuth, timeoutMs, onClosed: ended });
    this.#connection = connection;
    let stable: NodeJS.Timeout | undefined;
    try {
      if (await connection.open()) {
        const acknowledged = await this.#greet(connection);
        if (acknowledged !== undefined) this.#begin(connection, acknowledged);
      }
      stable = setInterval(() => this.#progress(), STABLE_AFTER_MS);
      return await end;
    } finally {
      clearInterval(stable);
      // A new epoch may fail to be written; the connection must not stay behind then.
      connection.close({ reason: 'closed', detail: 'given up' });
      this.#window?.end();
      this.#window = undefined;
      this.#connection = undefined;
    }
  }

  /**
   * Agrees on the epoch. A backend that lost or forgot it, or has more of it than was ever sent,
   * gets everything unacknowledged under a new one. Of that it can't have anything: believing so
   * would release what it then takes for repeated.
   */
  async #greet(connection: Connection): Promise<number | undefined> {
    const { queue, log } = this.#options;
    const acknowledged = await connection.greet(queue.epoch);
    if (acknowledged === undefined) return undefined;
    const sent = queue.acknowledged + queue.outstanding().length;
    if (acknowledged >= queue.acknowledged && acknowledged <= sent) return acknowledged;
    log.warn('The backend’s memory of this queue differs from ours: beginning a new epoch', {
      backend: acknowledged,
      acknowledged: queue.acknowledged,
      sent,
    });
    queue.beginEpoch();
    const fresh = await connection.greet(queue.epoch);
    if (fresh === undefined || fresh === 0) return fresh;
    const detail = `the answer to hello is that ${fresh} frames of an epoch are there which has just begun`;
    connection.close({ reason: 'protocol', detail });
    return undefined;
  }

  #begin(connection: Connection, acknowledged: number): void {
    const { queue, metrics, log, timeoutMs } = this.#options;
    this.#status = { ...this.#status, connected: true, problem: undefined };
    metrics.set('relayer_backend_connected', 1);
    log.info('Backend connected', { maxPayload: connection.maxPayload });
    this.#window = new FrameWindow({
      queue,
      connection,
      metrics,
      log,
      answerTimeoutMs: timeoutMs,
      search: this.#search,
      onProgress: () => this.#progress(),
    });
    try {
      this.#window.start(acknowledged);
    } catch (error) {
      connection.close({ reason: 'queue', detail: `the queue can't be read: ${describeError(error)}` });
    }
  }

  #progress(): void {
    if (!this.#status.connected) return;
    this.#succeeded = true;
    this.#breaker.succeeded();
    this.#backoff.reset();
  }

  #noteEnd({ reason, detail }: Closed): void {
    const { metrics, log } = this.#options;
    const was = this.#status.connected;
    metrics.set('relayer_backend_connected', 0);
    this.#status = { ...this.#status, connected: false, problem: withoutSecrets(detail) };
    if (this.#stopping.signal.aborted) return;
    metrics.add('relayer_connection_failures_total', 1, reason);
    // What fails here says nothing about the backend.
    if (!this.#succeeded && reason !== 'configuration' && reason !== 'queue') this.#breaker.failed();
    const action = ACTIONS[reason];
    const msg = was ? 'Backend connection lost' : 'Backend connection failed';
    const fields = { reason, detail, breaker: this.#breaker.state, ...(action ? { action } : {}) };
    if (reason === 'protocol' || reason === 'configuration') log.error(msg, fields);
    else log.warn(msg, fields);
  }

  #noteFinalEnd(): void {
    this.#options.log.error(
      'BACKEND_RECONNECTION_ENABLED is false: not connecting again; data is queued until the process is restarted',
    );
  }
}

/** No connection was tried: a file can't be used, or the queue can't be written just now. */
function whyNoAttempt(error: unknown): Closed {
  const isConfiguration = error instanceof RelayerError && error.code === 'configuration';
  return { reason: isConfiguration ? 'configuration' : 'queue', detail: describeError(error) };
}
