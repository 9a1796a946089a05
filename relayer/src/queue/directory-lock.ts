import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { sleep } from '../component.ts';
import { describeError, errorCodeOf, RelayerError } from '../errors.ts';

const NAME = /^lock-[0-9a-f]{12}(\.new)?$/;
/** A socket is called so only until it listens. */
const NEW = '.new';
const NEW_FOR_MS = 60_000;
/** Longer socket paths are cut off by the operating system, and the file is then elsewhere. */
const MAX_PATH_BYTES = 100;
const ATTEMPTS = 4;
const PAUSE_MS = 200;

/** Why there is no lock, in words; the directory may be used all the same. */
export interface Unlocked {
  readonly reason: string;
}

/**
 * Keeps a second process off a directory, as a Unix socket in it that this process listens on: the
 * kernel stops listening when the process ends, however it ends, so that a socket which refuses
 * connections is a dead one's and is removed. Works between containers and pods of one node.
 *
 *   listen on lock-NEW ─► connect to every other lock-* ─┬─ all refuse ─► held, the others removed
 *                                                        └─ one accepts ─► in use
 *
 * Everybody listens before looking, so of two that start together at least one sees the other. If
 * both do, both step back and try again after pauses of random length.
 */
export class DirectoryLock {
  readonly #path: string;
  readonly #server: Server;

  private constructor(path: string, server: Server) {
    this.#path = path;
    this.#server = server;
  }

  /**
   * Resolves with the lock, or with the reason why sockets can't be used here (file system, path
   * length, no space). Rejects with `queue-unavailable` when another process holds the directory, or
   * it can't be told whether one does.
   */
  static async take(directory: string): Promise<DirectoryLock | Unlocked> {
    for (let attempt = 1; ; attempt++) {
      const lock = await DirectoryLock.#listenIn(directory);
      const held = lock instanceof DirectoryLock ? lock : undefined;
      const obstacle = await findObstacle(directory, held && held.#path).catch((error: unknown) => {
        held?.release();
        throw error;
      });
      if (obstacle === undefined) return lock;
      held?.release();
      if (attempt === ATTEMPTS)
        throw new RelayerError('queue-unavailable', `the queue directory ${directory} ${obstacle}`);
      await sleep(PAUSE_MS * (0.5 + Math.random()));
    }
  }

  static async #listenIn(directory: string): Promise<DirectoryLock | Unlocked> {
    try {
      const { path, server } = await listenIn(directory);
      return new DirectoryLock(path, server);
    } catch (error) {
      return { reason: describeError(error) };
    }
  }

  /** Safe to call twice. */
  release(): void {
    rmSync(this.#path, { force: true });
    this.#server.close();
  }
}

async function listenIn(directory: string): Promise<{ readonly path: string; readonly server: Server }> {
  const path = join(directory, `lock-${randomBytes(6).toString('hex')}`);
  const hidden = `${path}${NEW}`;
  if (Buffer.byteLength(hidden) > MAX_PATH_BYTES) throw new Error('the path is too long for a Unix socket');
  const server = createServer((socket) => socket.destroy());
  // Whoever may use the directory must be able to see that this process is alive.
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path: hidden, writableAll: true }, resolve);
  });
  server.on('error', () => {});
  server.unref();
  try {
    // Only now: a socket is bound a moment before it listens, and would be taken for a dead one.
    renameSync(hidden, path);
  } catch (error) {
    server.close();
    throw error;
  }
  return { path, server };
}

/**
 * Removes what dead processes left.
 * @returns what keeps this process from using the directory, in words; undefined when nothing does
 */
async function findObstacle(directory: string, own: string | undefined): Promise<string | undefined> {
  const others = readdirSync(directory)
    .filter((name) => NAME.test(name))
    .map((name) => join(directory, name))
    .filter((path) => path !== own && Buffer.byteLength(path) <= MAX_PATH_BYTES && !isBeingMade(path));
  for (const path of others) {
    const answer = await knock(path);
    if (answer === 'alive') return 'is in use by another relayer process. Each one needs a directory of its own';
    if (answer !== 'dead') return `may be in use by another relayer process, which can't be told: ${answer.reason}`;
    rmSync(path, { force: true, recursive: true });
  }
  return undefined;
}

function isBeingMade(path: string): boolean {
  return path.endsWith(NEW) && Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < NEW_FOR_MS;
}

/** Whether the process listens that made the socket; or why that can't be told, as without a descriptor. */
function knock(path: string): Promise<'alive' | 'dead' | { readonly reason: string }> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve('alive');
    });
    // Anything else than a plain refusal is no proof of death.
    socket.once('error', (error) =>
      resolve(['ECONNREFUSED', 'ENOENT'].includes(errorCodeOf(error)) ? 'dead' : { reason: describeError(error) }),
    );
  });
}
