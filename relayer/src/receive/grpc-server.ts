import { createServer, constants, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Component, Deadline } from '../component.ts';
import { describeError, RelayerError } from '../errors.ts';
import type { Signal } from '../protocol/signal.ts';
import { GRPC, refusalTrailers } from './grpc-status.ts';
import { GrpcMessage } from './grpc-message.ts';
import type { Intake, Outcome } from './intake.ts';

export interface GrpcServerOptions {
  readonly intake: Intake;
  readonly port: number;
  /** Default: all addresses, IPv4 and IPv6. */
  readonly host?: string;
  readonly maxConnectionAgeMs: number;
}

const METHODS: ReadonlyMap<unknown, Signal> = new Map([
  ['/opentelemetry.proto.collector.trace.v1.TraceService/Export', 'traces'],
  ['/opentelemetry.proto.collector.logs.v1.LogsService/Export', 'logs'],
  ['/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', 'metrics'],
]);

/*
 * Large windows and frames save most of what node:http2 costs for large requests: with the defaults
 * (64 KiB, 16 KiB) a request of 43 KB is three frames and a window update.
 */
const STREAM_WINDOW_BYTES = 4 * 1024 * 1024;
const SESSION_WINDOW_BYTES = 64 * 1024 * 1024;
const MAX_FRAME_BYTES = 1024 * 1024;
const MAX_CONCURRENT_STREAMS = 1000;
/** A request that hasn't arrived whole by then is given up. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Between "no new streams, please" and the end of a connection that is old. */
const GOAWAY_GRACE_MS = 1_000;

const RESPONSE_HEADERS = { ':status': 200, 'content-type': 'application/grpc', 'grpc-accept-encoding': 'identity,gzip,deflate' };
/** A message of length 0: an Export*ServiceResponse with nothing set. */
const EMPTY_RESPONSE = Buffer.alloc(5);
const OK_TRAILERS = { 'grpc-status': '0' };
const TRAILERS_FOLLOW = { waitForTrailers: true };

/** OTLP over gRPC: HTTP/2 without TLS (h2c with prior knowledge), as kagent's agents send it. */
export class GrpcServer implements Component {
  readonly #options: GrpcServerOptions;
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #pending = new Map<ServerHttp2Stream, number>();
  #sweep: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.#server = createServer({
      settings: { initialWindowSize: STREAM_WINDOW_BYTES, maxFrameSize: MAX_FRAME_BYTES, maxConcurrentStreams: MAX_CONCURRENT_STREAMS, enablePush: false },
      // In megabytes; the default of 10 refuses streams of a sender with large requests.
      maxSessionMemory: 256,
      maxSessionInvalidFrames: 100,
    });
    this.#server.on('session', (session) => this.#onSession(session));
    this.#server.on('stream', (stream, headers) => this.#onStream(stream, headers));
    // A failing session or stream is the sender's loss only; without listeners it would end us.
    this.#server.on('sessionError', () => {});
    this.#server.on('error', () => {});
  }

  async start(): Promise<void> {
    await listen(this.#server, this.#options.port, this.#options.host);
    this.#sweep = setInterval(() => this.#dropSlowRequests(), 5_000);
  }

  /** Refuses new connections, lets running requests finish, then closes all connections. */
  async stop(deadline: Deadline): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    clearInterval(this.#sweep);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    const timer = setTimeout(() => {
      for (const session of this.#sessions) session.destroy();
    }, deadline.remainingMs());
    if (this.#server.listening || this.#sessions.size > 0) await closed;
    clearTimeout(timer);
  }

  #onSession(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.setLocalWindowSize(SESSION_WINDOW_BYTES);
    const age = this.#options.maxConnectionAgeMs * (0.9 + 0.2 * Math.random());
    const timer = setTimeout(() => closePolitely(session), age);
    timer.unref();
    session.on('error', () => {});
    session.once('close', () => {
      clearTimeout(timer);
      this.#sessions.delete(session);
    });
  }

  #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => {});
    const { intake } = this.#options;
    const signal = METHODS.get(headers[':path']);
    const problem = this.#headerProblem(headers, signal);
    if (problem) return problem(stream);
    if (!signal) return;
    this.#pending.set(stream, performance.now());
    const message = new GrpcMessage(intake, headers['grpc-encoding'] as string | undefined, (result) => {
      this.#pending.delete(stream);
      if (!Buffer.isBuffer(result)) return respond(stream, intake.refuse(signal, 'grpc', result));
      intake.take(signal, 'grpc', result, (outcome) => {
        message.release();
        respond(stream, outcome);
      });
    });
    stream.on('data', (chunk: Buffer) => message.push(chunk));
    stream.on('end', () => message.end());
    stream.on('close', () => {
      this.#pending.delete(stream);
      message.abandon();
    });
  }

  /** What to answer instead of reading the request; undefined when it is one we take. */
  #headerProblem(headers: IncomingHttpHeaders, signal: Signal | undefined): ((stream: ServerHttp2Stream) => void) | undefined {
    const { intake } = this.#options;
    if (headers[':method'] !== 'POST') return (stream) => respondHttp(stream, 405);
    if (!/^application\/grpc(\+proto)?(;|$)/.test(headers['content-type'] ?? '')) {
      return (stream) => {
        intake.refuse(signal ?? 'unknown', 'grpc', { kind: 'unsupported', message: 'content type is not application/grpc' });
        respondHttp(stream, 415);
      };
    }
    if (signal) return undefined;
    return (stream) => respond(stream, intake.refuse('unknown', 'grpc', { kind: 'unsupported', message: 'unknown service or method' }));
  }

  #dropSlowRequests(): void {
    const before = performance.now() - REQUEST_TIMEOUT_MS;
    for (const [stream, since] of this.#pending) {
      if (since < before) stream.close(constants.NGHTTP2_CANCEL);
    }
  }
}

/** Listens or rejects with a RelayerError that names the port. */
export function listen(server: { listen(options: object, done: () => void): unknown; once(event: 'error', listener: (error: Error) => void): unknown; removeListener(event: 'error', listener: (error: Error) => void): unknown }, port: number, host?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void =>
      reject(new RelayerError('listen-failed', `can't listen on port ${port}: ${describeError(error)}`, { cause: error }));
    server.once('error', failed);
    server.listen({ port, ...(host ? { host } : {}), backlog: 1024 }, () => {
      server.removeListener('error', failed);
      resolve();
    });
  });
}

function respond(stream: ServerHttp2Stream, outcome: Outcome): void {
  if (stream.destroyed || stream.headersSent) return;
  if (outcome.kind !== 'accepted') {
    stream.respond({ ...RESPONSE_HEADERS, ...refusalTrailers(outcome) }, { endStream: true });
    // The rest of a request that isn't wanted would otherwise fill the connection's window.
    if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
    return;
  }
  stream.respond(RESPONSE_HEADERS, TRAILERS_FOLLOW);
  stream.once('wantTrailers', () => stream.sendTrailers(OK_TRAILERS));
  stream.end(EMPTY_RESPONSE);
}

function respondHttp(stream: ServerHttp2Stream, status: number): void {
  stream.respond({ ':status': status, 'grpc-status': String(status === 405 ? GRPC.unimplemented : GRPC.internal) }, { endStream: true });
  stream.close(constants.NGHTTP2_NO_ERROR);
}

/** Asks the other side to open no new stream here, then ends the connection when its streams have. */
function closePolitely(session: ServerHttp2Session): void {
  if (session.destroyed) return;
  session.goaway(constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1);
  setTimeout(() => session.destroyed || session.close(), GOAWAY_GRACE_MS).unref();
}
