import type { Database } from './database.ts';

/**
 * The schema, one migration after the other. Never edit one that was released: append.
 * Times of telemetry are nanoseconds since 1970 in `bigint`; times of ours are `timestamptz`.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE clusters (
    id text PRIMARY KEY,
    name text NOT NULL UNIQUE,
    namespace text NOT NULL,
    metadata jsonb NOT NULL,
    registration_key_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
  );
  CREATE TABLE cluster_tokens (
    hash text PRIMARY KEY,
    cluster_id text NOT NULL REFERENCES clusters ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz,
    revoked_at timestamptz
  );
  CREATE INDEX ON cluster_tokens (cluster_id);
  CREATE TABLE registration_tokens (
    id text PRIMARY KEY,
    hash text NOT NULL UNIQUE,
    label text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
  );
  -- Which relayers are connected to which node. A node that dies stops renewing seen_at.
  CREATE TABLE connections (
    id text PRIMARY KEY,
    node text NOT NULL,
    cluster_id text NOT NULL REFERENCES clusters ON DELETE CASCADE,
    token_hash text NOT NULL,
    instance text NOT NULL,
    connected_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now()
  );
  -- One row per queue of a relayer. owner is the connection that said hello last: frames of any
  -- other are discarded, so nothing arrives behind the answer to a hello. The totals are kept here
  -- because this row is locked anyway.
  CREATE TABLE epochs (
    cluster_id text NOT NULL REFERENCES clusters ON DELETE CASCADE,
    epoch text NOT NULL,
    sequence bigint NOT NULL DEFAULT 0,
    owner text NOT NULL,
    spans bigint NOT NULL DEFAULT 0,
    logs bigint NOT NULL DEFAULT 0,
    points bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (cluster_id, epoch)
  );
  CREATE TABLE spans (
    cluster_id text NOT NULL,
    trace_id text NOT NULL,
    span_id text NOT NULL,
    parent_id text,
    name text NOT NULL,
    kind int NOT NULL,
    service text NOT NULL,
    agent text NOT NULL,
    start_ns bigint NOT NULL,
    end_ns bigint NOT NULL,
    failed boolean NOT NULL,
    status_message text,
    operation text,
    provider text,
    model text,
    tool text,
    conversation_id text,
    input_tokens bigint,
    output_tokens bigint,
    prompt text,
    completion text,
    attributes jsonb NOT NULL,
    resource jsonb NOT NULL,
    scope text NOT NULL,
    events jsonb,
    links jsonb,
    search tsvector NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (cluster_id, trace_id, span_id)
  );
  CREATE INDEX ON spans USING gin (search);
  CREATE INDEX ON spans USING brin (received_at);
  -- What the list shows: kept in step with spans by the same statement.
  CREATE TABLE traces (
    cluster_id text NOT NULL,
    trace_id text NOT NULL,
    root_name text,
    start_ns bigint NOT NULL,
    end_ns bigint NOT NULL,
    spans int NOT NULL,
    errors int NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    agents text[] NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (cluster_id, trace_id)
  );
  CREATE INDEX ON traces (start_ns DESC, trace_id DESC);
  CREATE INDEX ON traces (start_ns DESC, trace_id DESC) WHERE errors > 0;
  CREATE INDEX ON traces USING gin (agents);
  CREATE INDEX ON traces (updated_at);
  CREATE TABLE agents (
    cluster_id text NOT NULL,
    agent text NOT NULL,
    spans bigint NOT NULL,
    errors bigint NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (cluster_id, agent)
  );
  CREATE TABLE logs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cluster_id text NOT NULL,
    time_ns bigint NOT NULL,
    trace_id text,
    span_id text,
    severity int NOT NULL,
    severity_text text NOT NULL,
    service text NOT NULL,
    agent text NOT NULL,
    event text,
    body text NOT NULL,
    attributes jsonb NOT NULL,
    resource jsonb NOT NULL,
    scope text NOT NULL,
    search tsvector NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX ON logs (cluster_id, trace_id, time_ns);
  CREATE INDEX ON logs USING gin (search);
  CREATE INDEX ON logs USING brin (received_at);
  CREATE TABLE points (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cluster_id text NOT NULL,
    time_ns bigint NOT NULL,
    service text NOT NULL,
    name text NOT NULL,
    unit text NOT NULL,
    type text NOT NULL,
    value double precision,
    count bigint,
    sum double precision,
    detail jsonb,
    attributes jsonb NOT NULL,
    resource jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX ON points (name, time_ns);
  CREATE INDEX ON points USING brin (received_at);
  `,
];

/** Any number: nodes that start at once take turns. */
const MIGRATION_LOCK = 726_173_901;

/** Brings the schema up to date. Safe to run on several nodes at once. */
export async function migrate(database: Database): Promise<void> {
  await database.execute(
    `SELECT pg_advisory_xact_lock(${MIGRATION_LOCK});
     CREATE TABLE IF NOT EXISTS schema_migrations (version int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`,
  );
  for (const [version, sql] of MIGRATIONS.entries()) {
    const [done] = await database.query('SELECT 1 FROM schema_migrations WHERE version = $1', [version]);
    // A node that was faster makes the INSERT a conflict, and the DDL is then not run.
    if (!done) await database.execute(guarded(version, sql));
  }
}

function guarded(version: number, sql: string): string {
  return `DO $migrate$ BEGIN
    PERFORM pg_advisory_xact_lock(${MIGRATION_LOCK});
    IF NOT EXISTS (SELECT 1 FROM schema_migrations WHERE version = ${version}) THEN
      ${sql}
      INSERT INTO schema_migrations (version) VALUES (${version});
    END IF;
  END $migrate$`;
}
