import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Component, Deadline } from '../component.ts';
import type { Signal } from '../protocol/signal.ts';
import { encodeStatus, statusCodeOf } from './grpc-status.ts';
import { readBody } from './http-body.ts';
import type { Intake, Outcome, Refusal } from './intake.ts';
import { guessSignal } from './guess-signal.ts';
import { translateJson, type Untranslated } from './json-request.ts';
import { listen } from './listen.ts';
import { RequestBuffer } from './request-buffer.ts';

export interface HttpServerOptions {
  readonly intake: Intake;
  readonly port: number;
  readonly host?: string;
  readonly maxConnectionAgeMs: number;
  /** A connection on which nothing moves for so long is closed, whatever it is waiting for. */
  readonly idleTimeoutMs?: number;
}

const PATHS: Readonly<Record<string, Signal | 'any'>> = {
  '/v1/traces': 'traces',
  '/v1/logs': 'logs',
  '/v1/metrics': 'metrics',
  // Some of kagent's agents are configured with the bare endpoint and post to it as it is.
  '/': 'any',
};

const HTTP_STATUS = {
  accepted: 200,
  invalid: 400,
  too_large: 413,
  unsupported: 415,
  full: 503,
  unavailable: 503,
} as const;

/** Codes of errors in a request's head, by the answer; all others are 400. */
const CLIENT_ERRORS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

const IDLE_TIMEOUT_MS = 120_000;
const SHORT_BODY_BYTES = 65_536;

type Format = 'protobuf' | 'json';

/** OTLP over HTTP/1.1, in protobuf or JSON. */
export class HttpServer implements Component {
  readonly #options: HttpServerOptions;
  readonly #server: Server;
  #stopping = false;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#server = createServer({
      requestTimeout: 60_000,
      headersTimeout: 30_000,
      keepAliveTimeout: 75_000,
      maxHeaderSize: 16_384,
      // Asked for here, where a refusal is counted.
      requireHostHeader: false,
    });
    this.#server.on('request', (request, response) => this.#onRequest(request, response));
    this.#server.on('connection', (socket) => {
      (socket as Aged).closeAfter = performance.now() + options.maxConnectionAgeMs * (0.9 + 0.2 * Math.random());
    });
    this.#server.on('clientError', (error: Error, socket) => this.#onClientError(error, socket));
    // Without a listener the connection would just end.
    this.#server.on('connect', (_request, socket) => {
      this.#refuse('unsupported', 'only POST');
      endWith(socket, '405 Method Not Allowed\r\nallow: POST');
    });
    this.#server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) =>
      answerPlain(request, response, 417, this.#refuse('unsupported', 'expect is 100-continue or nothing')),
    );
    // Also one that doesn't take its answers.
    this.#server.setTimeout(options.idleTimeoutMs ?? IDLE_TIMEOUT_MS);
    this.#server.on('error', () => {});
  }

  start(): Promise<void> {
    return listen(this.#server, this.#options.port, this.#options.host);
  }

  async stop(deadline: Deadline): Promise<void> {
    if (this.#stopping || !this.#server.listening) return;
    this.#stopping = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), deadline.remainingMs());
    await closed;
    clearTimeout(timer);
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const { intake } = this.#options;
    response.on('error', () => {});
    if (this.#stopping || performance.now() > ((request.socket as Aged).closeAfter ?? 0))
      response.setHeader('connection', 'close');
    if (request.headers.host === undefined && request.httpVersion === '1.1') {
      response.setHeader('connection', 'close');
      return answerPlain(request, response, 400, this.#refuse('invalid', 'a host header is missing'));
    }
    const path = (request.url ?? '').split('?')[0] as string;
    const target = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined;
    if (!target) {
      const outcome = this.#refuse('unsupported', 'unknown path: OTLP is at /v1/traces, /v1/logs and /v1/metrics');
      return answerPlain(request, response, 404, outcome);
    }
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      return answerPlain(request, response, 405, this.#refuse('unsupported', 'only POST'));
    }
    const label = target === 'any' ? 'unknown' : target;
    const format = formatOf(request.headers['content-type']);
    if (!format) {
      const message = 'content type is application/x-protobuf or application/json';
      return answer(request, response, 'protobuf', intake.refuse(label, 'http', { kind: 'unsupported', message }));
    }
    readBody(request, intake, (body) => {
      if ('kind' in body) return answer(request, response, format, intake.refuse(label, 'http', body));
      this.#take(target, format, body.bytes, (outcome) => {
        body.release();
        answer(request, response, format, outcome);
      });
    });
  }

  /** Counts a request that is refused before its body is looked at. @returns the message */
  #refuse(kind: 'invalid' | 'too_large' | 'unsupported', message: string): string {
    this.#options.intake.refuse('unknown', 'http', { kind, message });
    return message;
  }

  /** What `node:http` can't read, or not in time, never becomes a request. */
  #onClientError({ code }: NodeJS.ErrnoException, socket: Duplex): void {
    const status = CLIENT_ERRORS[code ?? ''] ?? '400 Bad Request';
    // A connection that broke is no request.
    if (code === 'ECONNRESET' || code === 'EPIPE' || !socket.writable) return void socket.destroy();
    this.#refuse(/^4(31|13)/.test(status) ? 'too_large' : 'invalid', status);
    endWith(socket, status);
  }

  #take(target: Signal | 'any', format: Format, bytes: Buffer, done: (outcome: Outcome) => void): void {
    const { intake } = this.#options;
    if (format === 'protobuf') {
      const signal = target === 'any' ? guessSignal(bytes) : target;
      if (signal) return intake.take(signal, 'http', bytes, done);
      return done(
        intake.refuse('unknown', 'http', {
          kind: 'invalid',
          message: 'can not tell the signal: post to /v1/traces, /v1/logs or /v1/metrics',
        }),
      );
    }
    this.#takeJson(target, bytes, done);
  }

  #takeJson(target: Signal | 'any', json: Buffer, done: (outcome: Outcome) => void): void {
    const { intake } = this.#options;
    const signal = target === 'any' ? undefined : target;
    const into = new RequestBuffer(intake.memory, intake.maxRequestBytes);
    const finish = (outcome: Outcome): void => {
      into.release();
      done(outcome);
    };
    const result = translateJson(json, { signal, into, maxBytes: intake.maxRequestBytes });
    if ('signal' in result) return intake.take(result.signal, 'http', into.contents, finish);
    finish(intake.refuse(signal ?? 'unknown', 'http', refusalOf(result, intake)));
  }
}

function refusalOf(result: Untranslated, intake: Intake): Refusal {
  switch (result.why) {
    case 'invalid':
      return { kind: 'invalid', message: result.message };
    case 'too_large':
      return intake.tooLarge();
    case 'no_memory':
      return intake.unavailable('too many requests at once');
  }
}

/** A socket with the time after which it is closed behind the next answer. */
type Aged = IncomingMessage['socket'] & { closeAfter?: number };

function formatOf(contentType = ''): Format | undefined {
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf';
  return type === 'application/json' ? 'json' : undefined;
}

/** Answers where there is no response object, and ends the connection. */
function endWith(socket: Duplex, status: string): void {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`, () => socket.destroy());
}

const SUCCESS_BODY = { protobuf: Buffer.alloc(0), json: Buffer.from('{}') } as const;
const CONTENT_TYPE = { protobuf: 'application/x-protobuf', json: 'application/json' } as const;

function answer(request: IncomingMessage, response: ServerResponse, format: Format, outcome: Outcome): void {
  if (response.headersSent || response.destroyed) return;
  response.statusCode = HTTP_STATUS[outcome.kind];
  response.setHeader('content-type', CONTENT_TYPE[format]);
  if (outcome.kind === 'accepted') return void response.end(SUCCESS_BODY[format]);
  if ('retryAfterMs' in outcome) response.setHeader('retry-after', Math.ceil(outcome.retryAfterMs / 1000));
  const code = statusCodeOf(outcome);
  const body =
    format === 'json'
      ? Buffer.from(JSON.stringify({ code, message: outcome.message }))
      : encodeStatus(code, outcome.message);
  endRefused(request, response, body);
}

function answerPlain(request: IncomingMessage, response: ServerResponse, status: number, message: string): void {
  response.statusCode = status;
  response.setHeader('content-type', 'text/plain');
  endRefused(request, response, Buffer.from(`${message}\n`));
}

/**
 * A body that is short is read and dropped. Of a longer one the rest is not read, which means that
 * the connection can't be used again.
 */
function endRefused(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  if (request.complete || isShort(request)) {
    request.resume();
    return void response.end(body);
  }
  response.setHeader('connection', 'close');
  response.end(body, () => {
    if (!request.complete) request.socket.destroySoon();
  });
}

/** A connection that is closed keeps what was pipelined behind in memory, so it is not for small things. */
function isShort({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= SHORT_BODY_BYTES;
}
