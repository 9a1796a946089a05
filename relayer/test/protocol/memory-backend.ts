import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { parseFrameHeader, type FrameAnswer, type FrameHeader } from '../../src/protocol/frames.ts';

/** What a test may do to the backend. All can be changed while it runs. */
export interface BackendFaults {
  /** Time before an answer to a frame. */
  delayMs: number;
  /** Answers this part of the frames not at all, after storing them. */
  loseAnswers: number;
  /** Answers `retry` to this part of the frames. */
  retry: number;
  /** Refuses frames whose payload contains this. */
  refuse: string | undefined;
  /** Answers frames with what this makes of the right answer. */
  answer: ((answer: FrameAnswer, header: FrameHeader) => unknown) | undefined;
  /** Answers this number to every hello. */
  hello: number | undefined;
  /** Ends each connection after the answer to its hello. */
  hangUp: boolean;
  /** Closes the connection after this part of the frames, before or after storing them. */
  disconnect: number;
  /** Refuses every connection as if the token were revoked. */
  revoked: boolean;
}

export interface BackendOptions {
  readonly port?: number;
  readonly socketPath?: string;
  readonly maxPayload?: number;
  /** Accepts registrations without a bearer token. */
  readonly openRegistration?: boolean;
  readonly registrationToken?: string;
  /** Keeps the payloads, and not only the ids in them. Default true. */
  readonly keepPayloads?: boolean;
  /** Looks for ids in the payloads. Default true. */
  readonly trackIds?: boolean;
}

interface Cluster {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly tokens: Set<string>;
  readonly metadata: unknown;
}

/**
 * A backend in memory that follows PROTOCOL.md: the reference for the conformance suite, and the
 * other side of the tests. It counts the effect of each item id (`id:123;` in the payload).
 */
export class MemoryBackend {
  readonly faults: BackendFaults = {
    delayMs: 0,
    loseAnswers: 0,
    retry: 0,
    refuse: undefined,
    answer: undefined,
    hello: undefined,
    hangUp: false,
    disconnect: 0,
    revoked: false,
  };
  readonly clusters: Map<string, Cluster> = new Map();
  readonly frames: { readonly header: FrameHeader; readonly payload: Buffer }[] = [];
  /** How often the effect of each id was seen. */
  readonly effects: Map<string, number> = new Map();
  readonly connections: {
    readonly instance: string;
    readonly clusterId: string;
    readonly token: string;
    readonly headers: IncomingMessage['headers'];
  }[] = [];
  readonly requests: {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingMessage['headers'];
    readonly body: unknown;
  }[] = [];
  received: { frames: number; duplicates: number; bytes: number; items: number } = {
    frames: 0,
    duplicates: 0,
    bytes: 0,
    items: 0,
  };
  readonly #options: BackendOptions;
  readonly #highest = new Map<string, number>();
  /** The connection that said hello last, of each epoch. */
  readonly #owners = new Map<string, string>();
  #http: HttpServer | undefined;
  #io: Server | undefined;
  #port = 0;
  readonly #tails = new Map<string, Promise<void>>();

  constructor(options: BackendOptions = {}) {
    this.#options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#http = createServer((request, response) => void this.#onRequest(request, response));
    this.#io = new Server(this.#http, {
      path: this.#options.socketPath ?? '/socket.io',
      serveClient: false,
      transports: ['websocket'],
      maxHttpBufferSize: this.#options.maxPayload ?? 16 * 1024 * 1024,
      pingInterval: 5_000,
      pingTimeout: 4_000,
    });
    const relayers = this.#io.of('/relayer');
    relayers.use((socket, next) => next(this.#authenticate(socket)));
    relayers.on('connection', (socket) => this.#onConnection(socket));
    await new Promise<void>((resolve, reject) => {
      this.#http?.once('error', reject);
      this.#http?.listen(this.#port || this.#options.port || 0, '127.0.0.1', resolve);
    });
    this.#port = (this.#http.address() as AddressInfo).port;
  }

  /** Ends all connections; what was stored stays. `start` opens the same port again. */
  async stop(): Promise<void> {
    this.#io?.disconnectSockets(true);
    await new Promise<void>((resolve) => {
      if (!this.#io) return resolve();
      void this.#io.close(() => resolve());
      this.#http?.closeAllConnections();
    });
    this.#io = undefined;
  }

  /** Adds a cluster as if it had been registered. */
  addCluster(id: string, token: string): void {
    this.clusters.set(id, { id, name: id, key: randomUUID(), tokens: new Set([token]), metadata: {} });
  }

  disconnectAll(): void {
    this.#io?.of('/relayer').disconnectSockets(true);
  }

  /** Forgets what it has received, like a database that was lost. */
  forgetEpochs(): void {
    this.#highest.clear();
  }

  #authenticate(socket: Socket): Error | undefined {
    const { clusterId, token, instance, protocol } = socket.handshake.auth as Record<string, unknown>;
    if (protocol !== 1) return refusal('unsupported_protocol');
    const cluster = this.clusters.get(String(clusterId));
    if (this.faults.revoked || !cluster?.tokens.has(String(token)) || typeof instance !== 'string')
      return refusal('unauthorized');
    this.connections.push({ instance, clusterId: cluster.id, token: String(token), headers: socket.handshake.headers });
    return undefined;
  }

  #onConnection(socket: Socket): void {
    const { clusterId } = socket.handshake.auth as { clusterId: string };
    const keyOf = (epoch: string): string => `${clusterId}/${epoch}`;
    let open = true;
    socket.on('disconnect', () => (open = false));
    socket.on('hello', (hello: { epoch?: unknown } | undefined, answer: unknown) => {
      if (typeof answer !== 'function' || typeof hello?.epoch !== 'string') return void socket.disconnect(true);
      const key = keyOf(hello.epoch);
      // Behind what an earlier connection of this instance has left to do.
      void this.#inOrder(key, () => {
        this.#owners.set(key, socket.id);
        (answer as (value: unknown) => void)({ acknowledged: this.faults.hello ?? this.#highest.get(key) ?? 0 });
        if (this.faults.hangUp) setTimeout(() => socket.disconnect(true), 20);
      });
    });
    socket.on('frame', (header: unknown, payload: unknown, answer: unknown) => {
      const frame = parseFrameHeader(header, payload);
      if (typeof answer !== 'function' || !frame) return void socket.disconnect(true);
      const key = keyOf(frame.epoch);
      void this.#inOrder(key, async () => {
        if (this.faults.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.faults.delayMs));
        if (!open) return;
        if (this.#owners.get(key) !== socket.id) return void socket.disconnect(true);
        if (Math.random() < this.faults.disconnect / 2) return void socket.disconnect(true);
        const result = this.#store(key, frame, payload as Buffer);
        if (Math.random() < this.faults.disconnect / 2) return void socket.disconnect(true);
        if (Math.random() < this.faults.loseAnswers) return;
        (answer as (value: unknown) => void)(this.faults.answer ? this.faults.answer(result, frame) : result);
      });
    });
  }

  /** Frames of one epoch are handled one after the other, whatever connection they come from. */
  async #inOrder(key: string, action: () => void | Promise<void>): Promise<void> {
    if (this.faults.delayMs === 0 && !this.#tails.has(key)) return await action();
    const tail = (this.#tails.get(key) ?? Promise.resolve()).then(action);
    this.#tails.set(key, tail);
    await tail;
    if (this.#tails.get(key) === tail) this.#tails.delete(key);
  }

  #store(key: string, header: FrameHeader, payload: Buffer): FrameAnswer {
    const highest = this.#highest.get(key) ?? 0;
    this.received.frames++;
    if (header.sequence <= highest) {
      this.received.duplicates++;
      return { status: 'acknowledged', sequence: header.sequence };
    }
    if (header.sequence !== highest + 1) return { status: 'gap', acknowledged: highest };
    if (Math.random() < this.faults.retry) return { status: 'retry', afterMs: 20 };
    if (this.faults.refuse !== undefined && payload.includes(this.faults.refuse))
      return { status: 'refused', code: 'invalid_data' };
    this.#highest.set(key, header.sequence);
    this.received.bytes += payload.length;
    for (const { items } of header.sections) this.received.items += items;
    if (this.#options.trackIds ?? true) {
      for (const [, id] of payload.toString('latin1').matchAll(/id:(\d+);/g))
        this.effects.set(id as string, (this.effects.get(id as string) ?? 0) + 1);
    }
    if (this.#options.keepPayloads ?? true) this.frames.push({ header, payload });
    return { status: 'acknowledged', sequence: header.sequence };
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    let body: unknown;
    try {
      body = text ? JSON.parse(text) : undefined;
    } catch {
      return void response.writeHead(400).end();
    }
    this.requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    const send = (status: number, value: unknown): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const id = /^\/api\/v1\/clusters\/([^/]+)$/.exec(request.url ?? '')?.[1];
    if (request.method === 'GET' && id) {
      const cluster = this.clusters.get(decodeURIComponent(id));
      const accepted = !this.faults.revoked && cluster?.tokens.has(token ?? '');
      return accepted ? send(200, { id: cluster?.id, name: cluster?.name }) : send(401, { error: 'unauthorized' });
    }
    if (request.method === 'POST' && request.url === '/api/v1/clusters')
      return this.#register(request, body, token, send);
    send(404, { error: 'not_found' });
  }

  #register(
    request: IncomingMessage,
    body: unknown,
    token: string | undefined,
    send: (status: number, value: unknown) => void,
  ): void {
    const { registrationToken, openRegistration } = this.#options;
    if (registrationToken !== undefined ? token !== registrationToken : !openRegistration)
      return send(401, { error: 'unauthorized' });
    const key = request.headers['idempotency-key'];
    const { name, metadata } = (body ?? {}) as { name?: unknown; metadata?: unknown };
    if (typeof key !== 'string' || typeof name !== 'string') return send(400, { error: 'invalid_request' });
    const existing = [...this.clusters.values()].find((cluster) => cluster.name === name);
    if (existing && existing.key !== key) return send(409, { error: 'name_taken' });
    const cluster = existing ?? {
      id: `cluster_${randomUUID().slice(0, 8)}`,
      name,
      key,
      tokens: new Set<string>(),
      metadata,
    };
    const issued = `token-${randomUUID()}`;
    cluster.tokens.add(issued);
    this.clusters.set(cluster.id, cluster);
    send(existing ? 200 : 201, { id: cluster.id, token: issued });
  }
}

function refusal(code: string): Error {
  return Object.assign(new Error(code), { data: { code } });
}
