import pg from 'pg';
import type { Database, Queryable } from './database.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 20_000;
const MAX_TIMER_MS = 2_147_483_647;

/** A PostgreSQL server. Lost connections are replaced: a statement that failed is the caller's to repeat. */
export class PostgresDatabase implements Database {
  readonly kind = 'postgres';
  readonly #pool: pg.Pool;

  /** @param onConnectionLost an idle connection broke; the pool has already dropped it */
  constructor(url: string, onConnectionLost: (error: Error) => void, maxConnections: number) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: maxConnections,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS + 5_000,
      keepAlive: true,
      application_name: 'consonant-backend',
    });
    this.#pool.on('error', onConnectionLost);
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return (await this.#pool.query(sql, [...parameters])).rows as Row[];
  }

  async transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error): void => void (broken = error);
    client.on('error', onError);
    try {
      await client.query('BEGIN');
      const result = await work({
        query: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
          (await client.query(sql, [...parameters])).rows as Row[],
      });
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => (broken ??= failure));
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  /** Without a limit of time: a migration may be long, or wait for that of another node. */
  async execute(sql: string): Promise<void> {
    const unlimited = { text: `SET LOCAL statement_timeout = 0; ${sql}`, query_timeout: MAX_TIMER_MS };
    await this.#pool.query(unlimited);
  }

  canStore(): Promise<boolean> {
    return this.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
