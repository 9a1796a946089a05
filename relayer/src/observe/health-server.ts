import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Component, Deadline } from '../component.ts';
import { describeError, RelayerError } from '../errors.ts';
import { admitRequest } from './admit-request.ts';
import type { Metrics } from './metrics.ts';

/** The body of `/health`. The fields users rely on are always there. */
export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly socket: { readonly connected: boolean; readonly clusterId: string | null };
  readonly otel: { readonly port: number; readonly ready: boolean };
  /** Only when degraded: why, in words. */
  readonly reasons?: readonly string[];
}

export interface HealthServerOptions {
  readonly port: number;
  readonly host?: string;
  readonly metrics: Metrics;
  readonly health: () => Health;
  /** Undefined when telemetry can be accepted durably, else why not. */
  readonly notReady: () => string | undefined;
}

/** An answer of `/metrics` has several kilobytes. */
const MAX_PIPELINED = 4;

/**
 * `/health`, `/livez`, `/readyz` and `/metrics`. Ready means "can accept durably", not "connected":
 * readiness that followed the backend would take every endpoint away in an outage of it.
 */
export class HealthServer implements Component {
  readonly #options: HealthServerOptions;
  readonly #server: Server;

  constructor(options: HealthServerOptions) {
    this.#options = options;
    this.#server = createServer(
      { requestTimeout: 10_000, headersTimeout: 10_000, maxHeaderSize: 8192 },
      (request, response) => {
        response.on('error', () => {});
        if (!admitRequest(request, response, MAX_PIPELINED)) return;
        request.resume();
        if (request.method !== 'GET' && request.method !== 'HEAD')
          return send(response, 405, 'text/plain', 'only GET\n');
        this.#answer((request.url ?? '').split('?')[0] as string, response);
      },
    );
    this.#server.on('error', () => {});
  }

  start(): Promise<void> {
    const { port, host } = this.#options;
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void =>
        reject(
          new RelayerError('listen-failed', `can't listen on port ${port} (HEALTH_PORT): ${describeError(error)}`, {
            cause: error,
          }),
        );
      this.#server.once('error', failed);
      this.#server.listen({ port, ...(host ? { host } : {}) }, () => {
        this.#server.removeListener('error', failed);
        resolve();
      });
    });
  }

  async stop(_deadline: Deadline): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(path: string, response: ServerResponse): void {
    const { health, notReady, metrics } = this.#options;
    switch (path) {
      case '/health':
        return send(response, 200, 'application/json', JSON.stringify(health()));
      case '/livez':
        return send(response, 200, 'text/plain', 'ok\n');
      case '/readyz': {
        const reason = notReady();
        return send(response, reason ? 503 : 200, 'text/plain', `${reason ?? 'ok'}\n`);
      }
      case '/metrics':
        return send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', metrics.print());
      default:
        return send(response, 404, 'text/plain', 'unknown path: /health, /livez, /readyz, /metrics\n');
    }
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}
