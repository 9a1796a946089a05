import type { Server } from 'node:net';
import { describeError, RelayerError } from '../errors.ts';

/** Listens, or rejects with a RelayerError that names the port. */
export function listen(server: Server, port: number, host?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void =>
      reject(
        new RelayerError('listen-failed', `can't listen on port ${port}: ${describeError(error)}`, { cause: error }),
      );
    server.once('error', failed);
    server.listen({ port, ...(host ? { host } : {}), backlog: 1024 }, () => {
      server.removeListener('error', failed);
      resolve();
    });
  });
}
