import { createServer, type Server } from 'node:net';
import type { Component, Deadline } from '../component.ts';
import type { Signal } from '../protocol/signal.ts';
import { GrpcMessage } from './grpc-message.ts';
import { GRPC, refusalTrailers } from './grpc-status.ts';
import { Http2Connection } from './http2/connection.ts';
import type { RequestHeaders } from './http2/hpack-decoder.ts';
import type { RequestReceiver, ServerStream } from './http2/stream.ts';
import type { Intake, Outcome } from './intake.ts';
import { listen } from './listen.ts';
import { shareReads } from './shared-reads.ts';

export interface GrpcServerOptions {
  readonly intake: Intake;
  readonly port: number;
  /** Default: all addresses, IPv4 and IPv6. */
  readonly host?: string;
  readonly maxConnectionAgeMs: number;
  /** A request that hasn't arrived whole by then is given up, as is an answer that its sender doesn't take. */
  readonly requestTimeoutMs?: number;
}

const METHODS: ReadonlyMap<string | undefined, Signal> = new Map([
  ['/opentelemetry.proto.collector.trace.v1.TraceService/Export', 'traces'],
  ['/opentelemetry.proto.collector.logs.v1.LogsService/Export', 'logs'],
  ['/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', 'metrics'],
]);

const REQUEST_TIMEOUT_MS = 60_000;
/** Between "no new streams, please" and the end of a connection that is old. */
const GOAWAY_GRACE_MS = 1_000;
/** A socket on which nothing at all happens, not even a keep-alive. */
const IDLE_SOCKET_MS = 3_600_000;

/** OTLP over gRPC: HTTP/2 without TLS (h2c with prior knowledge), as kagent's agents send it. */
export class GrpcServer implements Component {
  readonly #options: GrpcServerOptions;
  readonly #server: Server;
  readonly #connections = new Set<Http2Connection>();
  readonly #all = { streams: 0 };
  #sweep: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.#server = createServer(
      { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000, pauseOnConnect: true },
      (accepted) => {
        const socket = shareReads(accepted, (bytes) => connection.push(bytes));
        socket.setTimeout(IDLE_SOCKET_MS, () => socket.destroy());
        const connection = new Http2Connection({
          socket,
          all: this.#all,
          onRequest: (stream, headers) => this.#onRequest(stream, headers),
          onForeign: () => {
            const message = 'not HTTP/2: OTLP over HTTP has a port of its own';
            options.intake.refuse('unknown', 'grpc', { kind: 'unsupported', message });
          },
          onClose: () => {
            clearTimeout(timer);
            this.#connections.delete(connection);
          },
        });
        const timer = setTimeout(
          () => closePolitely(connection),
          this.#options.maxConnectionAgeMs * (0.9 + 0.2 * Math.random()),
        );
        timer.unref();
        this.#connections.add(connection);
      },
    );
    // Descriptors can run out while accepting; the next connection may succeed.
    this.#server.on('error', () => {});
  }

  async start(): Promise<void> {
    await listen(this.#server, this.#options.port, this.#options.host);
    const timeoutMs = this.#options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#sweep = setInterval(() => {
      for (const connection of this.#connections) connection.cancelOlderThan(performance.now() - timeoutMs);
    }, timeoutMs / 12);
  }

  /** Refuses new connections, lets running requests finish, then closes all connections. */
  async stop(deadline: Deadline): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    clearInterval(this.#sweep);
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) {
      connection.shutDown();
      connection.shutDown();
    }
    const timer = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy();
    }, deadline.remainingMs());
    await closed;
    clearTimeout(timer);
  }

  #onRequest(stream: ServerStream, headers: RequestHeaders): RequestReceiver {
    const { intake } = this.#options;
    const signal = METHODS.get(headers.path);
    if (!signal || !isGrpcPost(headers)) {
      const refuse = (): void => this.#refuseHeaders(stream, headers, signal);
      return { onData: refuse, onEnd: refuse, onAbort: () => {} };
    }
    const message = new GrpcMessage(intake, headers.encoding, (result) => {
      if (!Buffer.isBuffer(result)) return respond(stream, intake.refuse(signal, 'grpc', result));
      intake.take(signal, 'grpc', result, (outcome) => {
        message.release();
        respond(stream, outcome);
      });
    });
    return message;
  }

  #refuseHeaders(
    stream: ServerStream,
    { method, contentType, tooLarge }: RequestHeaders,
    signal: Signal | undefined,
  ): void {
    const { intake } = this.#options;
    if (stream.answered) return;
    const refuse = (status: string, message: string): void => {
      const kind = status === '431' ? 'too_large' : 'unsupported';
      const outcome = intake.refuse(signal ?? 'unknown', 'grpc', { kind, message });
      if (status === '200') respond(stream, outcome);
      else
        stream.refuse([
          [':status', status],
          ['grpc-status', String(GRPC.internal)],
        ]);
    };
    if (tooLarge) return refuse('431', 'the headers are too large');
    if (method !== 'POST') return refuse('405', 'the method is not POST');
    if (!isGrpcType(contentType)) return refuse('415', 'the content type is not application/grpc');
    refuse('200', 'unknown service or method');
  }
}

function isGrpcPost({ method, contentType, tooLarge }: RequestHeaders): boolean {
  return method === 'POST' && !tooLarge && isGrpcType(contentType);
}

function isGrpcType(contentType: string | undefined): boolean {
  return contentType === 'application/grpc' || /^application\/grpc(\+proto)?(;|$)/.test(contentType ?? '');
}

function respond(stream: ServerStream, outcome: Outcome): void {
  if (outcome.kind === 'accepted') return stream.succeed();
  const trailers = Object.entries(refusalTrailers(outcome));
  stream.refuse([
    [':status', '200'],
    ['content-type', 'application/grpc'],
    ['grpc-accept-encoding', 'identity,gzip,deflate'],
    ...trailers,
  ]);
}

/** Asks the other side to open no new stream here, then ends the connection when its streams have. */
function closePolitely(connection: Http2Connection): void {
  connection.shutDown();
  setTimeout(() => connection.shutDown(), GOAWAY_GRACE_MS).unref();
}
