/** Runs one statement. Parameters are `$1`, `$2` …; results carry numbers only as `float8` or `int4`. */
export interface Queryable {
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** PostgreSQL, embedded or as a server. The same SQL runs on both: see `migrations.ts`. */
export interface Database extends Queryable {
  readonly kind: 'pglite' | 'postgres';
  /** Commits when `work` resolves, rolls back when it rejects. */
  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T>;
  /** Several statements without parameters, in one transaction. */
  execute(sql: string): Promise<void>;
  /** False: nothing that is written now would be kept. */
  canStore(): Promise<boolean>;
  close(): Promise<void>;
}
