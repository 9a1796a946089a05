import type { Database } from './database.ts';

export interface RelayerConnection {
  readonly id: string;
  readonly clusterId: string;
  readonly tokenHash: string;
  readonly instance: string;
}

/** A node renews its connections this often; one that is three times older is gone with its node. */
export const CONNECTION_RENEWAL_MS = 5_000;
/** One that was seen before this is gone with its node. */
export const CONNECTION_EXPIRY = `now() - interval '15 seconds'`;

/** Which relayers are connected, over all nodes. */
export class ConnectionStore {
  readonly #database: Database;
  readonly #node: string;

  constructor(database: Database, node: string) {
    this.#database = database;
    this.#node = node;
  }

  /** Adds connections of this node, or says that they are still there. */
  async renew(connections: readonly RelayerConnection[]): Promise<void> {
    await this.#database.query(
      `INSERT INTO connections (id, node, cluster_id, token_hash, instance)
       SELECT id, $1, "clusterId", "tokenHash", instance
       FROM json_to_recordset($2::text::json) AS item(id text, "clusterId" text, "tokenHash" text, instance text)
       ON CONFLICT (id) DO UPDATE SET seen_at = now()`,
      [this.#node, JSON.stringify(connections)],
    );
  }

  async remove(id: string): Promise<void> {
    await this.#database.query('DELETE FROM connections WHERE id = $1', [id]);
  }

  async removeExpired(): Promise<void> {
    await this.#database.query(`DELETE FROM connections WHERE seen_at < ${CONNECTION_EXPIRY}`);
  }

  async removeOwn(): Promise<void> {
    await this.#database.query('DELETE FROM connections WHERE node = $1', [this.#node]);
  }
}
