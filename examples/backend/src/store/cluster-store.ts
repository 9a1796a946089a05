import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Database } from './database.ts';

export interface NewCluster {
  readonly name: string;
  readonly namespace: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The Idempotency-Key: the same one is the same cluster. */
  readonly registrationKey: string;
}

export type Registration =
  | { readonly outcome: 'created' | 'known'; readonly id: string; readonly token: string }
  | { readonly outcome: 'name_taken' | 'revoked' };

/** What a cluster's token may be used for, as far as this table knows. */
export interface Authorized {
  readonly clusterId: string;
  readonly name: string;
  readonly tokenHash: string;
}

/** Clusters and their tokens. Only SHA-256 hashes of tokens are stored: the tokens are 256 random bits. */
export class ClusterStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Registers, or gives a known cluster a further token. Earlier tokens stay valid. The name of a revoked cluster is
   * free for another key: somebody removed both the cluster here and its Secret there.
   */
  register(cluster: NewCluster): Promise<Registration> {
    const keyHash = hashToken(cluster.registrationKey);
    return this.#database.transaction(async (transaction) => {
      await transaction.query(
        `UPDATE clusters SET name = name || ' (removed, ' || id || ')'
         WHERE name = $1 AND revoked_at IS NOT NULL AND registration_key_hash <> $2`,
        [cluster.name, keyHash],
      );
      const created = await transaction.query<{ id: string }>(
        `INSERT INTO clusters (id, name, namespace, metadata, registration_key_hash)
         VALUES ($1, $2, $3, $4::text::jsonb, $5) ON CONFLICT (name) DO NOTHING RETURNING id`,
        [newClusterId(), cluster.name, cluster.namespace, JSON.stringify(cluster.metadata), keyHash],
      );
      const [row] = await transaction.query<{ id: string; key: string; revoked: boolean }>(
        `SELECT id, registration_key_hash AS key, revoked_at IS NOT NULL AS revoked FROM clusters WHERE name = $1
         FOR UPDATE`,
        [cluster.name],
      );
      if (!row || row.key !== keyHash) return { outcome: 'name_taken' };
      if (row.revoked) return { outcome: 'revoked' };
      const token = newToken();
      await transaction.query('INSERT INTO cluster_tokens (hash, cluster_id) VALUES ($1, $2)', [
        hashToken(token),
        row.id,
      ]);
      return { outcome: created.length > 0 ? 'created' : 'known', id: row.id, token };
    });
  }

  /** Undefined when the token isn't valid for this cluster. A token is marked as used. */
  async authorize(clusterId: string, token: string): Promise<Authorized | undefined> {
    if (!isClusterId(clusterId)) return undefined;
    const hash = hashToken(token);
    const [row] = await this.#database.query<{ name: string; used: boolean }>(
      `SELECT c.name, t.used_at IS NOT NULL AS used FROM cluster_tokens t JOIN clusters c ON c.id = t.cluster_id
       WHERE t.hash = $1 AND t.cluster_id = $2 AND t.revoked_at IS NULL AND c.revoked_at IS NULL`,
      [hash, clusterId],
    );
    if (!row) return undefined;
    if (!row.used) await this.#database.query('UPDATE cluster_tokens SET used_at = now() WHERE hash = $1', [hash]);
    return { clusterId, name: row.name, tokenHash: hash };
  }

  /** A new token for a cluster; the others stay valid until they are revoked. Undefined: no such cluster. */
  async issueToken(clusterId: string): Promise<string | undefined> {
    const token = newToken();
    const rows = await this.#database.query(
      `INSERT INTO cluster_tokens (hash, cluster_id)
       SELECT $1, id FROM clusters WHERE id = $2 AND revoked_at IS NULL RETURNING hash`,
      [hashToken(token), clusterId],
    );
    return rows.length > 0 ? token : undefined;
  }

  /** Revokes every token of a cluster but one. @returns the hashes that are no longer valid */
  async revokeTokensExcept(clusterId: string, token: string): Promise<string[]> {
    const rows = await this.#database.query<{ hash: string }>(
      `UPDATE cluster_tokens SET revoked_at = now()
       WHERE cluster_id = $1 AND hash <> $2 AND revoked_at IS NULL RETURNING hash`,
      [clusterId, hashToken(token)],
    );
    return rows.map(({ hash }) => hash);
  }

  /** Revokes a cluster for good: its tokens, and registrations with its key. False: no such cluster. */
  async revokeCluster(clusterId: string): Promise<boolean> {
    const rows = await this.#database.query(
      'UPDATE clusters SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING id',
      [clusterId],
    );
    return rows.length > 0;
  }

  /** The hashes among these that are not valid any more. */
  async findRevoked(hashes: readonly string[]): Promise<Set<string>> {
    const rows = await this.#database.query<{ hash: string }>(
      `SELECT t.hash FROM cluster_tokens t JOIN clusters c ON c.id = t.cluster_id
       WHERE t.hash = ANY($1::text[]) AND t.revoked_at IS NULL AND c.revoked_at IS NULL`,
      [[...hashes]],
    );
    const valid = new Set(rows.map(({ hash }) => hash));
    return new Set(hashes.filter((hash) => !valid.has(hash)));
  }

  async createRegistrationToken(label: string, expiresInSeconds?: number): Promise<{ id: string; token: string }> {
    const token = newToken();
    const id = `registration_${randomUUID().slice(0, 8)}`;
    await this.#database.query(
      `INSERT INTO registration_tokens (id, hash, label, expires_at)
       VALUES ($1, $2, $3, now() + make_interval(secs => $4::float8))`,
      [id, hashToken(token), label, expiresInSeconds ?? null],
    );
    return { id, token };
  }

  async acceptsRegistrationToken(token: string): Promise<boolean> {
    const rows = await this.#database.query(
      `SELECT 1 FROM registration_tokens
       WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
      [hashToken(token)],
    );
    return rows.length > 0;
  }

  async revokeRegistrationToken(id: string): Promise<boolean> {
    const rows = await this.#database.query(
      'UPDATE registration_tokens SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING id',
      [id],
    );
    return rows.length > 0;
  }
}

/** SHA-256, hexadecimal. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** 256 random bits, URL-safe. */
function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** As section 2.1 of the protocol has it; PostgreSQL refuses NUL as a parameter. */
function isClusterId(id: string): boolean {
  return /^[!-~]{1,4096}$/.test(id);
}

function newClusterId(): string {
  return `cluster_${randomBytes(9).toString('base64url').replace(/[-_]/g, 'x')}`;
}
