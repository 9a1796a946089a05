import { PGlite, type Transaction } from '@electric-sql/pglite';
import type { Database, Queryable } from './database.ts';

/** PostgreSQL compiled to WebAssembly, in this process, with its data in a folder. One process per folder. */
export class PgliteDatabase implements Database {
  readonly kind = 'pglite';
  readonly #db: PGlite;

  private constructor(db: PGlite) {
    this.#db = db;
  }

  /** @param folder where the data is kept; undefined keeps it in memory */
  static async open(folder: string | undefined): Promise<PgliteDatabase> {
    return new PgliteDatabase(await PGlite.create(folder === undefined ? {} : { dataDir: folder }));
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
  }
}

function queryable(transaction: Transaction): Queryable {
  return {
    query: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
      (await transaction.query<Row>(sql, [...parameters])).rows,
  };
}
