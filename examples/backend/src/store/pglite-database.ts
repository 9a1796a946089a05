import { PGlite, type Transaction } from '@electric-sql/pglite';
import type { Database, Queryable } from './database.ts';
import { FolderLock } from './folder-lock.ts';

/** PostgreSQL compiled to WebAssembly, in this process, with its data in a folder. One process per folder. */
export class PgliteDatabase implements Database {
  readonly kind = 'pglite';
  readonly #db: PGlite;
  readonly #lock: FolderLock | undefined;

  private constructor(db: PGlite, lock: FolderLock | undefined) {
    this.#db = db;
    this.#lock = lock;
  }

  /** @param folder where the data is kept; undefined keeps it in memory */
  static async open(folder: string | undefined): Promise<PgliteDatabase> {
    if (folder === undefined) return new PgliteDatabase(await PGlite.create(), undefined);
    const lock = FolderLock.take(folder);
    try {
      return new PgliteDatabase(await PGlite.create({ dataDir: folder }), lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return (await this.#db.query<Row>(sql, [...parameters])).rows;
  }

  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T> {
    return this.#db.transaction((transaction) => work(queryable(transaction)));
  }

  async execute(sql: string): Promise<void> {
    await this.#db.transaction((transaction) => transaction.exec(sql));
  }

  async close(): Promise<void> {
    if (!this.#db.closed) await this.#db.close();
    this.#lock?.release();
  }
}

function queryable(transaction: Transaction): Queryable {
  return {
    query: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
      (await transaction.query<Row>(sql, [...parameters])).rows,
  };
}
