import { addRows, noRows, type TelemetryRows } from '../telemetry/rows.ts';
import type { Database, Queryable } from './database.ts';
import { jsonParts } from './json-parts.ts';

/** A connection's claim to an epoch. */
export interface EpochClaim {
  readonly clusterId: string;
  readonly epoch: string;
  /** The connection that says hello, or sends. */
  readonly owner: string;
}

/** A frame whose contents have been decoded; without rows it is one whose contents were refused. */
export interface DecodedFrame {
  readonly sequence: number;
  readonly rows: TelemetryRows | undefined;
}

/** What became of a frame. `superseded`: a later hello took the epoch, nothing may be stored any more. */
export type StoredFrame =
  | { readonly status: 'acknowledged'; readonly sequence: number; readonly stored: boolean }
  | { readonly status: 'gap'; readonly acknowledged: number }
  | { readonly status: 'refused' }
  | { readonly status: 'superseded' };

/** Characters of each text that can be searched for: PostgreSQL refuses more words than fit into 1 MiB. */
const SEARCHED_CHARACTERS = 8_000;
/** What parts words, as in the page's searches: by itself PostgreSQL takes `-4.1` or a host's name for one. */
const PUNCTUATION = `!"#$%&''()*+,-./:;<=>?@[\\]^_\`{|}~`;

/**
 * Keeps telemetry and the highest contiguous sequence of each epoch, both in one transaction. The
 * epoch's row is locked meanwhile, so two nodes that get frames of one epoch take turns.
 */
export class FrameStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Takes the epoch for this connection and tells what is stored of it. Waits for a transaction of
   * the connection before, and fences off what it has not begun to store.
   */
  async hello({ clusterId, epoch, owner }: EpochClaim): Promise<number> {
    const [row] = await this.#database.query<{ sequence: number }>(
      `INSERT INTO epochs (cluster_id, epoch, owner) VALUES ($1, $2, $3)
       ON CONFLICT (cluster_id, epoch) DO UPDATE SET owner = EXCLUDED.owner, updated_at = now()
       RETURNING sequence::float8 AS sequence`,
      [clusterId, epoch, owner],
    );
    return row?.sequence ?? 0;
  }

  /** Stores frames in their order, all or none. @returns one result a frame */
  async store({ clusterId, epoch, owner }: EpochClaim, frames: readonly DecodedFrame[]): Promise<StoredFrame[]> {
    return this.#database.transaction(async (transaction) => {
      const [row] = await transaction.query<{ sequence: number; owner: string }>(
        `SELECT sequence::float8 AS sequence, owner FROM epochs WHERE cluster_id = $1 AND epoch = $2 FOR UPDATE`,
        [clusterId, epoch],
      );
      if (!row || row.owner !== owner) return frames.map(() => ({ status: 'superseded' as const }));
      const { results, rows, highest } = placeFrames(row.sequence, frames);
      if (highest === row.sequence) return results;
      const counts = await insertRows(transaction, clusterId, rows);
      await transaction.query(
        `UPDATE epochs SET sequence = $3, spans = spans + $4, logs = logs + $5, points = points + $6, updated_at = now()
         WHERE cluster_id = $1 AND epoch = $2`,
        [clusterId, epoch, highest, counts.spans, counts.logs, counts.points],
      );
      return results;
    });
  }
}

/** Rules 1 to 3 of section 5 of the protocol. */
export function placeFrames(
  acknowledged: number,
  frames: readonly DecodedFrame[],
): { results: StoredFrame[]; rows: TelemetryRows; highest: number } {
  const rows = noRows();
  let highest = acknowledged;
  const results = frames.map((frame): StoredFrame => {
    if (frame.sequence <= highest) return { status: 'acknowledged', sequence: frame.sequence, stored: false };
    if (frame.sequence > highest + 1) return { status: 'gap', acknowledged: highest };
    if (!frame.rows) return { status: 'refused' };
    highest = frame.sequence;
    addRows(rows, frame.rows);
    return { status: 'acknowledged', sequence: frame.sequence, stored: true };
  });
  return { results, rows, highest };
}

/** The words of these texts, as far as they can be searched for: a tsvector holds no more than 1 MiB. */
function searchable(...texts: readonly string[]): string {
  const parts = texts.map((text) => `left(${text}, ${SEARCHED_CHARACTERS})`);
  return `to_tsvector('simple', translate(concat_ws(' ', ${parts.join(', ')}), '${PUNCTUATION}', repeat(' ', 32)))`;
}

async function insertRows(
  transaction: Queryable,
  clusterId: string,
  { spans, logs, points }: TelemetryRows,
): Promise<{ spans: number; logs: number; points: number }> {
  let inserted = 0;
  for (const part of jsonParts(spans)) inserted += await insertSpans(transaction, clusterId, part);
  for (const part of jsonParts(logs)) await insertLogs(transaction, clusterId, part);
  for (const part of jsonParts(points)) await insertPoints(transaction, clusterId, part);
  return { spans: inserted, logs: logs.length, points: points.length };
}

const NEW_SPANS = `
  INSERT INTO spans (cluster_id, trace_id, span_id, parent_id, name, kind, service, agent, start_ns, end_ns, failed,
    status_message, operation, provider, model, tool, conversation_id, input_tokens, output_tokens, prompt,
    completion, attributes, resource, scope, events, links, search)
  SELECT $1, trace_id, span_id, parent_id, name, kind, service, agent, start_ns, end_ns, failed,
    status_message, operation, provider, model, tool, conversation_id, input_tokens, output_tokens, prompt,
    completion, attributes, resource, scope, events, links,
    ${searchable(`concat_ws(' ', trace_id, service, agent, operation, provider, model, tool, name)`, 'status_message', 'prompt', 'completion')}
  FROM json_to_recordset($2::text::json) AS item(trace_id text, span_id text, parent_id text, name text, kind int,
    service text, agent text, start_ns bigint, end_ns bigint, failed boolean, status_message text, operation text,
    provider text, model text, tool text, conversation_id text, input_tokens bigint, output_tokens bigint,
    prompt text, completion text, attributes jsonb, resource jsonb, scope text, events jsonb, links jsonb)
  ORDER BY trace_id, span_id
  ON CONFLICT DO NOTHING
  RETURNING trace_id, parent_id, name, agent, start_ns, end_ns, failed, input_tokens, output_tokens`;
const SUMS_OF_TRACES = `
  INSERT INTO traces (cluster_id, trace_id, root_name, start_ns, end_ns, spans, errors, input_tokens,
    output_tokens, agents)
  SELECT $1, trace_id, min(name) FILTER (WHERE parent_id IS NULL), min(start_ns), max(end_ns), count(*),
    count(*) FILTER (WHERE failed), coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0),
    array_agg(DISTINCT agent)
  FROM inserted GROUP BY trace_id ORDER BY trace_id
  ON CONFLICT (cluster_id, trace_id) DO UPDATE SET
    root_name = coalesce(traces.root_name, EXCLUDED.root_name),
    start_ns = least(traces.start_ns, EXCLUDED.start_ns),
    end_ns = greatest(traces.end_ns, EXCLUDED.end_ns),
    spans = traces.spans + EXCLUDED.spans,
    errors = traces.errors + EXCLUDED.errors,
    input_tokens = traces.input_tokens + EXCLUDED.input_tokens,
    output_tokens = traces.output_tokens + EXCLUDED.output_tokens,
    agents = ARRAY(SELECT DISTINCT unnest(traces.agents || EXCLUDED.agents)),
    updated_at = now()`;
const SUMS_OF_AGENTS = `
  INSERT INTO agents (cluster_id, agent, spans, errors, input_tokens, output_tokens)
  SELECT $1, agent, count(*), count(*) FILTER (WHERE failed), coalesce(sum(input_tokens), 0),
    coalesce(sum(output_tokens), 0)
  FROM inserted GROUP BY agent ORDER BY agent
  ON CONFLICT (cluster_id, agent) DO UPDATE SET
    spans = agents.spans + EXCLUDED.spans,
    errors = agents.errors + EXCLUDED.errors,
    input_tokens = agents.input_tokens + EXCLUDED.input_tokens,
    output_tokens = agents.output_tokens + EXCLUDED.output_tokens,
    seen_at = now()`;

/**
 * A span that is there already (an agent or a relayer sent it again) is skipped, and then neither
 * counted for its trace nor for its agent. Rows are taken in the order of their keys: transactions
 * of several relayers then can't wait for each other in a circle.
 */
async function insertSpans(transaction: Queryable, clusterId: string, spans: string): Promise<number> {
  const [row] = await transaction.query<{ count: number }>(
    `WITH inserted AS (${NEW_SPANS}), traced AS (${SUMS_OF_TRACES}), known AS (${SUMS_OF_AGENTS})
     SELECT count(*)::float8 AS count FROM inserted`,
    [clusterId, spans],
  );
  return row?.count ?? 0;
}

async function insertLogs(transaction: Queryable, clusterId: string, logs: string): Promise<void> {
  await transaction.query(
    `INSERT INTO logs (cluster_id, time_ns, trace_id, span_id, severity, severity_text, service, agent, event, body,
       attributes, resource, scope, search)
     SELECT $1, time_ns, trace_id, span_id, severity, severity_text, service, agent, event, body, attributes, resource,
       scope, ${searchable(`concat_ws(' ', service, agent, severity_text, event)`, 'body')}
     FROM json_to_recordset($2::text::json) AS item(time_ns bigint, trace_id text, span_id text, severity int,
       severity_text text, service text, agent text, event text, body text, attributes jsonb, resource jsonb, scope text)`,
    [clusterId, logs],
  );
}

async function insertPoints(transaction: Queryable, clusterId: string, points: string): Promise<void> {
  await transaction.query(
    `INSERT INTO points (cluster_id, time_ns, service, name, unit, type, value, count, sum, detail, attributes, resource)
     SELECT $1, time_ns, service, name, unit, type, value, count, sum, detail, attributes, resource
     FROM json_to_recordset($2::text::json) AS item(time_ns bigint, service text, name text, unit text, type text,
       value double precision, count bigint, sum double precision, detail jsonb, attributes jsonb, resource jsonb)`,
    [clusterId, points],
  );
}
