import { createAdapter } from '@socket.io/redis-streams-adapter';
import { Redis, type RedisOptions } from 'ioredis';
import type { Server } from 'socket.io';
import { describeError } from './errors.ts';
import type { Logger } from './observe/logger.ts';

const MAX_RECONNECT_DELAY_MS = 2_000;
const STREAM_LENGTH = 1_000;

/**
 * The adapter waits for the answer to hardly any command: a refused one (a wrong password) would end the process as an
 * unhandled rejection, printed with the command's arguments, the password among them. What is wrong comes as `error` too.
 */
class QuietRedis extends Redis {
  override sendCommand(...args: Parameters<Redis['sendCommand']>): ReturnType<Redis['sendCommand']> {
    const answer = super.sendCommand(...args);
    if (answer instanceof Promise) answer.catch(() => undefined);
    return answer;
  }

  override duplicate(override?: Partial<RedisOptions>): QuietRedis {
    return new QuietRedis({ ...this.options, ...override });
  }
}

/**
 * Joins this node's Socket.IO server to the others by Redis streams. Nothing that may not be lost
 * goes this way: only pulses for pages and revocations, and those are checked against the database too.
 */
export class RedisLink {
  readonly #client: QuietRedis;

  constructor(url: string, io: Server, log: Logger) {
    this.#client = new QuietRedis(url, {
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
