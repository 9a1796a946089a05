import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of a connection that are not answered yet. */
const waiting = new WeakMap<Socket, number>();

/**
 * Whether to answer a request. `node:http` hands over all pipelined requests of a read at once,
 * some 2,000 in 64 KiB, and holds every answer until it is taken: without a bound a few hundred
 * connections fill the memory. A connection with more than `maxWaiting` is ended; who sends one
 * request after the other never meets the bound.
 */
export function admitRequest(request: IncomingMessage, response: ServerResponse, maxWaiting: number): boolean {
  const { socket } = request;
  const count = (waiting.get(socket) ?? 0) + 1;
  // After its end the rest of what was read becomes requests all the same. Destroyed here, they cost
  // nothing later; left alone, each would get an error of its own.
  if (socket.destroyed || count > maxWaiting) {
    for (const one of [socket, request, response]) one.destroy();
    return false;
  }
  waiting.set(socket, count);
  response.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
  return true;
}
