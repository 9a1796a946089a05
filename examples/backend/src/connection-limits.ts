import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Server } from 'socket.io';
import { clientAddress } from './client-address.ts';
import type { FailureLimit } from './failure-limit.ts';
import type { Metrics } from './observe/metrics.ts';

export interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxPendingConnections: number;
  readonly clientAddressHeader: string | undefined;
}

/** One address may have this part of the pending connections, so that it can't keep all others out. */
const ADDRESS_PART = 1 / 4;

interface EngineSocket {
  readonly id: string;
  readonly request: IncomingMessage;
  once(event: 'close', on: (reason: string, detail?: { readonly description?: unknown }) => void): void;
}

/**
 * Refuses WebSockets above the limits before they cost anything. One that has not joined a namespace,
 * and so has shown no token, counts as pending; Socket.IO ends it after its connect timeout.
 */
export function limitConnections(
  io: Server,
  { maxConnections, maxPendingConnections, clientAddressHeader }: ConnectionLimits,
  failures: FailureLimit,
  metrics: Metrics,
): void {
  const pending = new Map<string, string | undefined>();
  const refusal = (request: IncomingMessage): string | undefined => {
    const address = clientAddress(request, clientAddressHeader);
    if (failures.isRefused(address)) return 'too_many_failures';
    if (io.engine.clientsCount >= maxConnections) return 'too_many_connections';
    const own = address === undefined ? 0 : [...pending.values()].filter((other) => other === address).length;
    return pending.size >= maxPendingConnections || own >= maxPendingConnections * ADDRESS_PART
      ? 'too_many_pending_connections'
      : undefined;
  };
  io.engine.opts.allowRequest = (
    request: IncomingMessage,
    decide: (reason: string | null, allowed: boolean) => void,
  ) => {
    const reason = refusal(request);
    if (reason) metrics.add('backend_refused_total', 1, reason);
    decide(reason ?? null, reason === undefined);
  };
  io.engine.on('connection', (socket: EngineSocket) => {
    pending.set(socket.id, clientAddress(socket.request, clientAddressHeader));
    socket.once('close', (_reason, detail) => {
      pending.delete(socket.id);
      if (/max payload size exceeded/i.test(String(detail?.description ?? detail)))
        metrics.add('backend_refused_total', 1, 'too_large');
    });
  });
  // Whoever joins a namespace is no longer ended by the connect timeout: the one that wants no token lets nobody in.
  io.use((_socket, next) => {
    metrics.add('backend_refused_total', 1, 'unknown_namespace');
    next(new Error('unknown_namespace'));
  });
  for (const namespace of ['/relayer', '/viewer'])
    io.of(namespace).on('connection', ({ conn }) => void pending.delete((conn as unknown as EngineSocket).id));
}

/** WebSockets and HTTP together: what comes above is closed at once, so that files and memory last. */
export function limitSockets(
  server: HttpServer,
  { maxConnections, maxPendingConnections }: ConnectionLimits,
  metrics: Metrics,
): void {
  server.maxConnections = maxConnections + maxPendingConnections;
  server.on('drop', () => metrics.add('backend_refused_total', 1, 'too_many_sockets'));
}
