import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import { Server } from 'socket.io';
import { limitConnections, limitSockets } from './connection-limits.ts';
import { BackendError, describeError } from './errors.ts';
import { FailureLimit } from './failure-limit.ts';
import { Logger } from './observe/logger.ts';
import { Metrics } from './observe/metrics.ts';
import { RelayerQueues } from './observe/relayer-queues.ts';
import { RedisLink } from './redis.ts';
import { addClusterApi } from './relayers/cluster-api.ts';
import { RelayerNamespace } from './relayers/relayer-namespace.ts';
import type { Settings } from './settings.ts';
import { ClusterStore } from './store/cluster-store.ts';
import { ConnectionStore } from './store/connection-store.ts';
import type { Database } from './store/database.ts';
import { FrameStore } from './store/frame-store.ts';
import { migrate } from './store/migrations.ts';
import { PgliteDatabase } from './store/pglite-database.ts';
import { PostgresDatabase } from './store/postgres-database.ts';
import { deleteExpired } from './store/retention.ts';
import { addPage } from './viewers/page-files.ts';
import { TelemetryQueries } from './viewers/telemetry-queries.ts';
import { ViewerNamespace } from './viewers/viewer-namespace.ts';

const BODY_LIMIT_BYTES = 65_536;
const REQUEST_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 10_000;
const RETENTION_INTERVAL_MS = 600_000;
/** Connections to PostgreSQL for what relayers send, and for what pages ask. */
const RELAYER_CONNECTIONS = 10;
const PAGE_CONNECTIONS = 5;

/**
 * The whole node. Start: store, migrations, server. Stop, in this order: connections (relayers keep
 * what is not acknowledged), timers, Redis, store.
 */
export class Backend {
  readonly settings: Settings;
  readonly metrics: Metrics = new Metrics();
  readonly log: Logger;
  readonly #pageFolder: string | undefined;
  #running: Running | undefined;
  #stopped: Promise<void> | undefined;

  /** @param pageFolder the built page; undefined serves none */
  constructor(settings: Settings, pageFolder?: string, log?: Logger) {
    this.settings = settings;
    this.#pageFolder = pageFolder;
    this.log = log ?? new Logger(settings.logLevel, settings.node);
  }

  /** With the port that was bound. */
  get url(): string {
    const address = this.#running?.app.server.address() as AddressInfo | null | undefined;
    const port = address?.port ?? this.settings.port;
    const { host } = this.settings;
    return `http://${host === '0.0.0.0' || host === '127.0.0.1' ? 'localhost' : host}:${port}`;
  }

  get database(): Database {
    if (!this.#running) throw new BackendError('database', 'the backend is not running');
    return this.#running.database;
  }

  async start(): Promise<void> {
    const database = await openDatabase(this.settings, this.log);
    try {
      await migrate(database);
    } catch (error) {
      await database.close();
      throw new BackendError('database', `the schema can not be brought up to date: ${describeError(error)}`, {
        cause: error,
      });
    }
    this.#running = await this.#build(database);
    const { host, port } = this.settings;
    try {
      await this.#running.app.listen({ host, port });
    } catch (error) {
      await this.stop();
      if ((error as { code?: string }).code === 'EADDRINUSE')
        throw new BackendError('port_in_use', `port ${port} is in use: stop what listens there, or set \`PORT\``);
      const message = `\`HOST\` ${host} and \`PORT\` ${port} can not be listened on: ${describeError(error)}`;
      throw new BackendError('configuration', message, { cause: error });
    }
    this.log.info('Listening', { url: this.url, database: database.kind, redis: this.#running.redis !== undefined });
  }

  /** Safe to call twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    if (!this.#running) return;
    const { app, io, redis, relayers, viewers, queues, connections, database, readDatabase, retention } = this.#running;
    clearInterval(retention);
    queues.stop();
    viewers.stop();
    relayers.stop();
    await relayers.idle();
    await io.close();
    app.server.closeAllConnections();
    await app.close();
    redis?.stop();
    await connections.removeOwn().catch(() => undefined);
    if (readDatabase !== database) await readDatabase.close();
    await database.close();
    this.log.info('Stopped');
  }

  async #build(database: Database): Promise<Running> {
    const { settings, metrics, log } = this;
    const failures = new FailureLimit(settings.maxFailuresPerMinute);
    const { app, io } = makeServers(settings, failures, metrics);
    const redis = settings.redisUrl ? new RedisLink(settings.redisUrl, io, log) : undefined;
    const shared = {
      io,
      metrics,
      log,
      failures,
      clientAddressHeader: settings.clientAddressHeader,
      clusters: new ClusterStore(database),
      reachesOthers: () => redis?.ready ?? false,
    };
    const readDatabase = settings.databaseUrl ? connectPostgres(settings.databaseUrl, log, PAGE_CONNECTIONS) : database;
    const connections = new ConnectionStore(database, settings.node);
    const queues = new RelayerQueues(settings.relayerMetricsUrls);
    const relayers: RelayerNamespace = new RelayerNamespace({
      ...shared,
      connections,
      frames: new FrameStore(database),
      maxWaitingBytes: settings.maxWaitingBytes,
      onStored: (rows) => viewers.note(rows),
    });
    const viewers = new ViewerNamespace({
      ...shared,
      queries: new TelemetryQueries(readDatabase),
      accessToken: settings.accessToken,
      node: settings.node,
      waiting: () => relayers.waiting,
      relayerQueueBytes: () => queues.bytes,
    });
    addClusterApi(app, { ...shared, ...settings, relayers });
    this.#addObservation(app, database, redis);
    if (this.#pageFolder !== undefined) addPage(app, this.#pageFolder, settings.socketPath);
    for (const part of [queues, viewers, relayers]) part.start();
    const retention = this.#keepRetention(database);
    return { app, io, redis, database, readDatabase, connections, relayers, viewers, queues, retention };
  }

  #addObservation(app: FastifyInstance, database: Database, redis: RedisLink | undefined): void {
    app.get('/health', async (_request, reply) => {
      const stored = await database.canStore();
      const reachesRedis = redis?.ready ?? true;
      return reply.code(stored ? 200 : 503).send({
        status: stored && reachesRedis ? 'ok' : 'degraded',
        database: { kind: database.kind, ok: stored },
        ...(redis ? { redis: { ok: reachesRedis } } : {}),
        node: this.settings.node,
      });
    });
    app.get('/metrics', (_request, reply) => reply.type('text/plain; version=0.0.4').send(this.metrics.print()));
    app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not_found' }));
    app.setErrorHandler((error: { statusCode?: number; code?: string; message: string }, request, reply) => {
      const status = error.statusCode ?? 503;
      this.metrics.add('backend_refused_total', 1, status < 500 ? 'bad_request' : 'unavailable');
      if (status >= 500)
        this.log.warnRarely('A request failed', { method: request.method, error: describeError(error) });
      return reply.code(status).send({ error: status < 500 ? (error.code ?? 'bad_request') : 'unavailable' });
    });
  }

  #keepRetention(database: Database): NodeJS.Timeout {
    const run = (): void =>
      void deleteExpired(database, { days: this.settings.retentionDays }).then(
        (rows) => this.metrics.add('backend_expired_rows_total', rows),
        (error: unknown) => this.log.warnRarely('Old telemetry could not be deleted', { error: describeError(error) }),
      );
    return setInterval(run, RETENTION_INTERVAL_MS);
  }
}

interface Running {
  readonly app: FastifyInstance;
  readonly io: Server;
  readonly redis: RedisLink | undefined;
  readonly database: Database;
  /** What pages ask has connections of its own, so that searches keep no frame waiting. */
  readonly readDatabase: Database;
  readonly connections: ConnectionStore;
  readonly relayers: RelayerNamespace;
  readonly viewers: ViewerNamespace;
  readonly queues: RelayerQueues;
  readonly retention: NodeJS.Timeout;
}

function makeServers(
  settings: Settings,
  failures: FailureLimit,
  metrics: Metrics,
): { app: FastifyInstance; io: Server } {
  const app = fastify({ bodyLimit: BODY_LIMIT_BYTES, requestTimeout: REQUEST_TIMEOUT_MS, forceCloseConnections: true });
  const io = new Server(app.server, {
    path: settings.socketPath,
    serveClient: false,
    transports: ['websocket'],
    maxHttpBufferSize: settings.maxPayloadBytes,
    connectTimeout: CONNECT_TIMEOUT_MS,
  });
  limitConnections(io, settings, failures, metrics);
  limitSockets(app.server, settings, metrics);
  return { app, io };
}

async function openDatabase(settings: Settings, log: Logger): Promise<Database> {
  if (settings.databaseUrl) return connectPostgres(settings.databaseUrl, log, RELAYER_CONNECTIONS);
  mkdirSync(dirname(settings.dataDirectory), { recursive: true });
  try {
    return await PgliteDatabase.open(settings.dataDirectory);
  } catch (error) {
    if (error instanceof BackendError) throw error;
    const message = `the embedded store in ${settings.dataDirectory} can not be opened: ${describeError(error)}`;
    throw new BackendError('database', message, { cause: error });
  }
}

function connectPostgres(url: string, log: Logger, maxConnections: number): PostgresDatabase {
  const onLost = (error: Error): void =>
    log.warnRarely('A connection to PostgreSQL was lost', { error: error.message });
  return new PostgresDatabase(url, onLost, maxConnections);
}
