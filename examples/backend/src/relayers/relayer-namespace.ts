import type { Namespace, Server, Socket } from 'socket.io';
import { clientAddress } from '../client-address.ts';
import { describeError } from '../errors.ts';
import type { FailureLimit } from '../failure-limit.ts';
import type { Logger } from '../observe/logger.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { ClusterStore } from '../store/cluster-store.ts';
import { CONNECTION_RENEWAL_MS, type ConnectionStore, type RelayerConnection } from '../store/connection-store.ts';
import type { FrameStore } from '../store/frame-store.ts';
import type { TelemetryRows } from '../telemetry/rows.ts';
import {
  EpochQueue,
  type EpochObserver,
  type FrameAnswer,
  type WaitingFrame,
  type WaitingHello,
} from './epoch-queue.ts';
import { isEpoch, parseFrameHeader, type FrameHeader } from './frame-header.ts';

const PROTOCOL_VERSION = 1;
const OVERLOAD_RETRY_MS = 2_000;
const MAX_INSTANCE_LENGTH = 253;
/** What one connection may have unanswered: far above the 32 of the protocol, so only a flood comes here. */
const MAX_UNANSWERED = 1_024;

export interface RelayerNamespaceOptions {
  readonly io: Server;
  readonly clusters: ClusterStore;
  readonly connections: ConnectionStore;
  readonly frames: FrameStore;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly maxWaitingBytes: number;
  readonly failures: FailureLimit;
  readonly clientAddressHeader: string | undefined;
  /** False while other nodes can't be reached: they then learn of revocations from the database. */
  readonly reachesOthers: () => boolean;
  /** Called after the commit. */
  readonly onStored: (rows: TelemetryRows, clusterId: string) => void;
}

/** The protocol's side of the backend: PROTOCOL.md, sections 3 to 5. */
export class RelayerNamespace {
  readonly #options: RelayerNamespaceOptions;
  readonly #namespace: Namespace;
  readonly #epochs = new Map<string, EpochQueue>();
  readonly #busy = new Set<Promise<void>>();
  readonly #open = new Map<string, RelayerConnection>();
  #waitingFrames = 0;
  #waitingBytes = 0;
  #renewal: NodeJS.Timeout | undefined;

  constructor(options: RelayerNamespaceOptions) {
    this.#options = options;
    this.#namespace = options.io.of('/relayer');
    this.#namespace.use((socket, next) => void this.#authenticate(socket).then(next));
    this.#namespace.on('connection', (socket) => this.#onConnection(socket));
    this.#namespace.on('cluster-revoked', (clusterId: string) => this.#disconnectCluster(clusterId));
    this.#namespace.on('tokens-revoked', (hashes: string[]) => this.#disconnectTokens(hashes));
  }

  get waiting(): { readonly frames: number; readonly bytes: number } {
    return { frames: this.#waitingFrames, bytes: this.#waitingBytes };
  }

  start(): void {
    this.#renewal = setInterval(() => void this.#renew(), CONNECTION_RENEWAL_MS);
  }

  /** What is being stored goes on, see `idle`; what waits is forgotten: its relayers have it, and are gone. */
  stop(): void {
    clearInterval(this.#renewal);
    this.#namespace.local.disconnectSockets(true);
    for (const queue of this.#epochs.values()) queue.clear();
  }

  /** Resolves when nothing is being stored any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#busy);
  }

  /** Ends the connections made with these tokens, on every node. */
  revokeTokens(hashes: readonly string[]): void {
    this.#disconnectTokens(hashes);
    if (this.#options.reachesOthers()) this.#namespace.serverSideEmit('tokens-revoked', [...hashes]);
  }

  /** Ends all connections of a cluster, on every node. */
  revokeCluster(clusterId: string): void {
    this.#disconnectCluster(clusterId);
    if (this.#options.reachesOthers()) this.#namespace.serverSideEmit('cluster-revoked', clusterId);
  }

  #disconnectCluster(revoked: string): void {
    for (const [id, { clusterId }] of this.#open)
      if (clusterId === revoked) this.#namespace.sockets.get(id)?.disconnect(true);
  }

  #disconnectTokens(hashes: readonly string[]): void {
    for (const [id, { tokenHash }] of this.#open)
      if (hashes.includes(tokenHash)) this.#namespace.sockets.get(id)?.disconnect(true);
  }

  async #authenticate(socket: Socket): Promise<Error | undefined> {
    const { clusterId, token, instance, protocol } = socket.handshake.auth as Record<string, unknown>;
    const { failures, clientAddressHeader, clusters } = this.#options;
    const address = clientAddress(socket.request, clientAddressHeader);
    // One connection may try again and again.
    if (failures.isRefused(address)) return this.#refuse('too_many_failures');
    if (protocol !== PROTOCOL_VERSION) return this.#refuse('unsupported_protocol');
    if (typeof clusterId !== 'string' || typeof token !== 'string' || !isInstance(instance))
      return this.#refuse('unauthorized', address);
    try {
      const authorized = await clusters.authorize(clusterId, token);
      if (!authorized) return this.#refuse('unauthorized', address);
      socket.data = { id: socket.id, clusterId, tokenHash: authorized.tokenHash, instance } satisfies RelayerConnection;
      return undefined;
    } catch (error) {
      this.#storeFailed(error);
      return this.#refuse('unavailable');
    }
  }

  /** @param failed the address that has shown a wrong token */
  #refuse(code: string, failed?: string): Error {
    this.#options.failures.note(failed);
    this.#options.metrics.add('backend_refused_total', 1, code);
    this.#options.log.warnRarely('A relayer was refused', { code });
    return Object.assign(new Error(code), { data: { code } });
  }

  #onConnection(socket: Socket): void {
    const connection = socket.data as RelayerConnection;
    const { clusterId, instance } = connection;
    this.#open.set(socket.id, connection);
    this.#options.log.info('Relayer connected', { clusterId, instance });
    void this.#options.connections.renew([connection]).catch((error: unknown) => this.#storeFailed(error));
    let epoch: string | undefined;
    const counted = countAnswers();
    socket.on('disconnect', (reason) => {
      this.#open.delete(socket.id);
      this.#options.log.info('Relayer disconnected', { clusterId, instance, reason });
      void this.#options.connections.remove(socket.id).catch((error: unknown) => this.#storeFailed(error));
    });
    socket.on('hello', (hello: unknown, answer: unknown) => {
      const asked = (hello as { epoch?: unknown } | null | undefined)?.epoch;
      const reply = counted(answer);
      if (!isEpoch(asked) || !reply) return this.#malformed(socket);
      epoch = asked;
      this.#onHello(socket, asked, reply);
    });
    socket.on('frame', (header: unknown, payload: unknown, answer: unknown) => {
      const frame = parseFrameHeader(header, payload);
      const reply = counted(answer);
      if (!frame || frame.epoch !== epoch || !reply) return this.#malformed(socket);
      this.#onFrame(socket, { header: frame, payload: payload as Buffer, answer: reply });
    });
  }

  #onHello(socket: Socket, epoch: string, answer: (value: unknown) => void): void {
    const { clusterId } = socket.data as RelayerConnection;
    this.#enqueue(clusterId, epoch, {
      kind: 'hello',
      owner: socket.id,
      // Without a store there is nothing true to say: the relayer comes back.
      answer: (acknowledged) => (acknowledged === undefined ? socket.disconnect(true) : answer({ acknowledged })),
    });
  }

  #onFrame(
    socket: Socket,
    { header, payload, answer }: { header: FrameHeader; payload: Buffer; answer: (value: FrameAnswer) => void },
  ): void {
    const { clusterId } = socket.data as RelayerConnection;
    const { metrics, maxWaitingBytes } = this.#options;
    if (this.#waitingBytes + payload.length > maxWaitingBytes && this.#waitingFrames > 0) {
      metrics.add('backend_frames_total', 1, 'retry');
      return answer({ status: 'retry', afterMs: OVERLOAD_RETRY_MS });
    }
    this.#waitingFrames++;
    this.#waitingBytes += payload.length;
    this.#enqueue(clusterId, header.epoch, {
      kind: 'frame',
      owner: socket.id,
      header,
      payload,
      answer: (result) => (result ? answer(result) : socket.disconnect(true)),
    });
  }

  #malformed(socket: Socket): void {
    const { clusterId, instance } = socket.data as RelayerConnection;
    this.#options.metrics.add('backend_frames_total', 1, 'malformed');
    this.#options.log.warnRarely('A malformed frame: the connection is closed', { clusterId, instance });
    socket.disconnect(true);
  }

  /** A queue lives as long as something waits in it. */
  #enqueue(clusterId: string, epoch: string, item: WaitingFrame | WaitingHello): void {
    const key = `${clusterId}/${epoch}`;
    const queue = this.#epochs.get(key) ?? new EpochQueue(this.#options.frames, { clusterId, epoch }, this.#observer);
    this.#epochs.set(key, queue);
    const done = queue.add(item).then(() => {
      this.#busy.delete(done);
      if (queue.isEmpty) this.#epochs.delete(key);
    });
    this.#busy.add(done);
  }

  readonly #observer: EpochObserver = {
    onStored: (frames, rows, clusterId, seconds) => {
      const { metrics, onStored } = this.#options;
      metrics.observe('backend_store_seconds', seconds);
      metrics.add(
        'backend_bytes_stored_total',
        frames.reduce((sum, { payload }) => sum + payload.length, 0),
      );
      metrics.add('backend_items_stored_total', rows.spans.length, 'traces');
      metrics.add('backend_items_stored_total', rows.logs.length, 'logs');
      metrics.add('backend_items_stored_total', rows.points.length, 'metrics');
      onStored(rows, clusterId);
    },
    onAnswer: (kind) => this.#options.metrics.add('backend_frames_total', 1, kind),
    onStoreError: (error) => this.#storeFailed(error),
    onDone: ({ payload }) => {
      this.#waitingFrames--;
      this.#waitingBytes -= payload.length;
    },
  };

  #storeFailed(error: unknown): void {
    this.#options.metrics.add('backend_database_errors_total');
    this.#options.log.warnRarely('The database does not answer as it should', { error: describeError(error) });
  }

  /** Says that this node's connections are still there, and ends those whose token was revoked elsewhere. */
  async #renew(): Promise<void> {
    const { clusters, connections, metrics } = this.#options;
    const open = [...this.#open.values()];
    metrics.set('backend_relayers_connected', open.length);
    try {
      if (open.length > 0) {
        const revoked = await clusters.findRevoked(open.map(({ tokenHash }) => tokenHash));
        this.#disconnectTokens([...revoked]);
        await connections.renew(open.filter(({ tokenHash, id }) => !revoked.has(tokenHash) && this.#open.has(id)));
      }
      await connections.removeExpired();
    } catch (error) {
      this.#storeFailed(error);
    }
  }
}

/** Counts what waits for an answer. Undefined when there is no way to answer, or too much to answer already. */
function countAnswers(): (answer: unknown) => ((value: unknown) => void) | undefined {
  let unanswered = 0;
  return (answer) => {
    if (typeof answer !== 'function' || unanswered >= MAX_UNANSWERED) return undefined;
    unanswered++;
    return (value) => {
      unanswered--;
      (answer as (value: unknown) => void)(value);
    };
  };
}

function isInstance(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_INSTANCE_LENGTH && !value.includes('\0');
}
