import type { Server } from 'socket.io';
import type { Metrics } from './observe/metrics.ts';

export interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxPendingConnections: number;
}

/**
 * Refuses WebSockets above the limits before they cost anything. One that has not joined a namespace,
 * and so has shown no token, counts as pending; Socket.IO ends it after its connect timeout.
 */
export function limitConnections(io: Server, limits: ConnectionLimits, metrics: Metrics): void {
  const refusal = (): string | undefined => {
    const open = io.engine.clientsCount;
    const joined = io.of('/relayer').sockets.size + io.of('/viewer').sockets.size;
    if (open >= limits.maxConnections) return 'too_many_connections';
    return open - joined >= limits.maxPendingConnections ? 'too_many_pending_connections' : undefined;
  };
  io.engine.opts.allowRequest = (_request: unknown, decide: (reason: string | null, allowed: boolean) => void) => {
    const reason = refusal();
    if (reason) metrics.add('backend_refused_total', 1, reason);
    decide(reason ?? null, reason === undefined);
  };
  io.engine.on('connection', (socket: { once(event: 'close', on: (reason: string, detail?: unknown) => void): void }) =>
    socket.once('close', (_reason, detail) => {
      if (
        /max payload size exceeded/i.test(
          String((detail as { description?: unknown } | undefined)?.description ?? detail),
        )
      )
        metrics.add('backend_refused_total', 1, 'too_large');
    }),
  );
}
