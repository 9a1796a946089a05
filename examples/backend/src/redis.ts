import { createAdapter } from '@socket.io/redis-streams-adapter';
import { Redis } from 'ioredis';
import type { Server } from 'socket.io';
import { describeError } from './errors.ts';
import type { Logger } from './observe/logger.ts';

const MAX_RECONNECT_DELAY_MS = 2_000;
const STREAM_LENGTH = 1_000;

/**
 * Joins this node's Socket.IO server to the others by Redis streams. Nothing that may not be lost
 * goes this way: only pulses for pages and revocations, and those are checked against the database too.
 */
export class RedisLink {
  readonly #client: Redis;

  constructor(url: string, io: Server, log: Logger) {
    this.#client = new Redis(url, {
      // Commands wait for the connection to come back: the adapter's reader must not spin meanwhile.
      maxRetriesPerRequest: null,
      retryStrategy: (attempt) => Math.min(attempt * 100, MAX_RECONNECT_DELAY_MS),
    });
    this.#client.on('error', (error) => log.warnRarely('Redis does not answer', { error: describeError(error) }));
    io.adapter(createAdapter(this.#client, { maxLen: STREAM_LENGTH }));
  }

  get ready(): boolean {
    return this.#client.status === 'ready';
  }

  /** After the Socket.IO server, whose adapter ends its own connections. */
  stop(): void {
    this.#client.disconnect();
  }
}
