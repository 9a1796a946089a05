import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { PGlite, type Transaction } from '@electric-sql/pglite';
import { BackendError } from '../errors.ts';
import type { Database, Queryable } from './database.ts';
import { FolderLock } from './folder-lock.ts';

/** More than the largest frame takes, with what PostgreSQL writes before and beside it. */
const MIN_FREE_BYTES = 128 * 1024 * 1024;

/** PostgreSQL compiled to WebAssembly, in this process, with its data in a folder. One process per folder. */
export class PgliteDatabase implements Database {
  readonly kind = 'pglite';
  readonly #db: PGlite;
  readonly #lock: FolderLock | undefined;
  readonly #checkRoom: () => void;

  private constructor(db: PGlite, lock: FolderLock | undefined, checkRoom: () => void) {
    this.#db = db;
    this.#lock = lock;
    this.#checkRoom = checkRoom;
  }

  /**
   * @param folder where the data is kept; undefined keeps it in memory
   * @param freeBytes how much a folder's disk still takes; throws when the folder is gone
   */
  static async open(folder: string | undefined, freeBytes = freeBytesOf): Promise<PgliteDatabase> {
    if (folder === undefined) return new PgliteDatabase(await PGlite.create(), undefined, () => undefined);
    const lock = FolderLock.take(folder);
    try {
      checkRoom(existsSync(folder) ? folder : dirname(folder), freeBytes);
      return new PgliteDatabase(await PGlite.create({ dataDir: folder }), lock, () => checkRoom(folder, freeBytes));
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    if (!/^\s*SELECT\b/i.test(sql)) this.#checkRoom();
    return (await this.#db.query<Row>(sql, [...parameters])).rows;
  }

  async transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T> {
    this.#checkRoom();
    return this.#db.transaction((transaction) => work(queryable(transaction)));
  }

  async execute(sql: string): Promise<void> {
    this.#checkRoom();
    await this.#db.transaction((transaction) => transaction.exec(sql));
  }

  async canStore(): Promise<boolean> {
    try {
      this.#checkRoom();
      await this.query('SELECT 1');
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    if (!this.#db.closed) await this.#db.close();
    this.#lock?.release();
  }
}

/**
 * Before anything is written: PGlite does not come back from a write that finds the disk full, it holds up the whole
 * process; and in a folder that was removed everything is written, and nothing kept.
 */
function checkRoom(folder: string, freeBytes: (folder: string) => number): void {
  // With the dot: a file is no folder.
  accessSync(`${folder}/.`, constants.W_OK);
  if (freeBytes(folder) < MIN_FREE_BYTES)
    throw new BackendError('database', `less than ${MIN_FREE_BYTES / 1_048_576} MiB are free on the disk of ${folder}`);
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function queryable(transaction: Transaction): Queryable {
  return {
    query: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
      (await transaction.query<Row>(sql, [...parameters])).rows,
  };
}
