import type { Database } from './database.ts';

export interface RetentionOptions {
  readonly days: number;
  /** An epoch may be forgotten 30 days after its last frame: section 4 of the protocol. */
  readonly epochDays?: number;
}

const BATCH = 5_000;

/** Deletes what is older than the retention, in small transactions. @returns rows deleted */
export async function deleteExpired(database: Database, { days, epochDays = 30 }: RetentionOptions): Promise<number> {
  let deleted = 0;
  for (const [table, column] of [
    ['spans', 'received_at'],
    ['logs', 'received_at'],
    ['points', 'received_at'],
    ['traces', 'updated_at'],
    ['agents', 'seen_at'],
  ]) {
    for (;;) {
      const rows = await database.query(
        `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
           SELECT ctid FROM ${table} WHERE ${column} < now() - make_interval(secs => $1::float8) LIMIT ${BATCH}))
         RETURNING 1 AS one`,
        [days * 86_400],
      );
      deleted += rows.length;
      if (rows.length < BATCH) break;
    }
  }
  await database.query(`DELETE FROM epochs WHERE updated_at < now() - make_interval(days => $1::int)`, [epochDays]);
  // A token that was never used: its registration was repeated before it could be stored.
  await database.query(`DELETE FROM cluster_tokens WHERE used_at IS NULL AND created_at < now() - interval '1 hour'`);
  // What was revoked or has expired is refused just as well when it is unknown.
  await database.query(`DELETE FROM cluster_tokens WHERE revoked_at < now() - interval '30 days'`);
  await database.query(
    `DELETE FROM registration_tokens WHERE least(revoked_at, expires_at) < now() - interval '30 days'`,
  );
  return deleted;
}
