import { CONNECTION_EXPIRY } from '../store/connection-store.ts';
import type { Database } from '../store/database.ts';
import type {
  LogFilter,
  LogView,
  Overview,
  SpanDetail,
  SpanKey,
  SpanView,
  TextView,
  TraceFilter,
  TraceView,
} from './views.ts';

const MAX_PAGE = 200;
const MAX_SPANS_OF_TRACE = 5_000;
/** Traces that a search looks at: the newest ones that match. */
const MAX_MATCHES = 2_000;
/** Characters of a prompt, completion or body that come at once. */
const TEXT_PART = 32_768;
const BODY_PART = 4_096;

const SPAN_COLUMNS = `span_id AS "spanId", parent_id AS "parentId", name, agent, (start_ns / 1000)::float8 AS "startUs",
  (greatest(end_ns - start_ns, 0) / 1000.0)::float8 AS "durationUs", failed, operation, model, tool,
  input_tokens::float8 AS "inputTokens", output_tokens::float8 AS "outputTokens"`;

/** What the page reads. Every list is paged in the database; long texts come in parts. */
export class TelemetryQueries {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async overview(): Promise<Overview> {
    const clusters = await this.#database.query<Overview['clusters'][number]>(
      `SELECT c.id, c.name, c.namespace, c.metadata, c.revoked_at IS NOT NULL AS revoked,
         coalesce(e.spans, 0)::float8 AS spans, coalesce(e.logs, 0)::float8 AS logs,
         coalesce(e.points, 0)::float8 AS points,
         (extract(epoch FROM e.updated_at) * 1000)::float8 AS "lastFrameMs", coalesce(n.list, '[]') AS connections
       FROM clusters c
       LEFT JOIN (SELECT cluster_id, sum(spans) AS spans, sum(logs) AS logs, sum(points) AS points,
         max(updated_at) AS updated_at FROM epochs GROUP BY cluster_id) e ON e.cluster_id = c.id
       LEFT JOIN (SELECT cluster_id, json_agg(json_build_object('instance', instance, 'node', node,
         'sinceMs', (extract(epoch FROM connected_at) * 1000)::float8) ORDER BY instance, id) AS list
         FROM connections WHERE seen_at > ${CONNECTION_EXPIRY} GROUP BY cluster_id) n ON n.cluster_id = c.id
       ORDER BY c.name LIMIT 500`,
    );
    const agents = await this.#database.query<Overview['agents'][number]>(
      `SELECT cluster_id AS "clusterId", agent, spans::float8 AS spans, errors::float8 AS errors,
         input_tokens::float8 AS "inputTokens", output_tokens::float8 AS "outputTokens",
         (extract(epoch FROM seen_at) * 1000)::float8 AS "seenMs"
       FROM agents ORDER BY seen_at DESC, agent LIMIT 500`,
    );
    return { clusters, agents };
  }

  /** Newest first. */
  async traces({ text, clusterId, agent, errorsOnly, after, limit = 50 }: TraceFilter): Promise<TraceView[]> {
    const conditions: string[] = [];
    const parameters: unknown[] = [];
    const bind = (value: unknown): string => `$${parameters.push(value)}`;
    const [afterNs, afterId] = after?.split('/') ?? [];
    if (afterNs !== undefined) conditions.push(`(start_ns, trace_id) < (${bind(afterNs)}::bigint, ${bind(afterId)})`);
    if (clusterId) conditions.push(`cluster_id = ${bind(clusterId)}`);
    if (agent) conditions.push(`agents @> ARRAY[${bind(agent)}::text]`);
    if (errorsOnly) conditions.push('errors > 0');
    const words = text === undefined ? '' : toSearchQuery(text);
    if (words) {
      const match = bind(words);
      conditions.push(`(cluster_id, trace_id) IN (
        SELECT cluster_id, trace_id FROM (SELECT cluster_id, trace_id, start_ns FROM spans
          WHERE search @@ ${match}::tsquery ORDER BY start_ns DESC LIMIT ${MAX_MATCHES}) s
        UNION SELECT cluster_id, trace_id FROM (SELECT cluster_id, trace_id, time_ns FROM logs
          WHERE search @@ ${match}::tsquery AND trace_id IS NOT NULL ORDER BY time_ns DESC LIMIT ${MAX_MATCHES}) l)`);
    }
    return this.#database.query(
      `SELECT cluster_id AS "clusterId", trace_id AS "traceId", root_name AS name, (start_ns / 1000)::float8 AS "startUs",
         (greatest(end_ns - start_ns, 0) / 1000.0)::float8 AS "durationUs", spans, errors,
         input_tokens::float8 AS "inputTokens", output_tokens::float8 AS "outputTokens", agents,
         start_ns || '/' || trace_id AS cursor
       FROM traces ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
       ORDER BY start_ns DESC, trace_id DESC LIMIT ${bind(toLimit(limit))}`,
      parameters,
    );
  }

  /** The spans of a trace in the order of their start, 5,000 at most. */
  spans(clusterId: string, traceId: string): Promise<SpanView[]> {
    return this.#database.query(
      `SELECT ${SPAN_COLUMNS} FROM spans WHERE cluster_id = $1 AND trace_id = $2
       ORDER BY start_ns, span_id LIMIT ${MAX_SPANS_OF_TRACE}`,
      [clusterId, traceId],
    );
  }

  async span({ clusterId, traceId, spanId }: SpanKey): Promise<SpanDetail | undefined> {
    const [row] = await this.#database.query<SpanDetail>(
      `SELECT ${SPAN_COLUMNS}, service, scope, kind, provider, conversation_id AS "conversationId",
         status_message AS "statusMessage", attributes, resource, events, links,
         ${textPart('prompt', TEXT_PART)} AS prompt, ${textPart('completion', TEXT_PART)} AS completion
       FROM spans WHERE cluster_id = $1 AND trace_id = $2 AND span_id = $3`,
      [clusterId, traceId, spanId],
    );
    return row;
  }

  /** A further part of a long prompt or completion. */
  async spanText(key: SpanKey, column: 'prompt' | 'completion', offset: number): Promise<TextView | undefined> {
    const [row] = await this.#database.query<{ text: string | null; length: number | null }>(
      `SELECT substr(${column}, $4::int, ${TEXT_PART}) AS text, length(${column}) AS length
       FROM spans WHERE cluster_id = $1 AND trace_id = $2 AND span_id = $3`,
      [key.clusterId, key.traceId, key.spanId, offset + 1],
    );
    return row && row.text !== null ? { text: row.text, length: row.length ?? 0 } : undefined;
  }

  /** Of one trace in its order, or the newest of all. */
  logs({ clusterId, traceId, text, limit = 100 }: LogFilter): Promise<LogView[]> {
    const parameters: unknown[] = [];
    const bind = (value: unknown): string => `$${parameters.push(value)}`;
    const conditions = ['true'];
    if (clusterId) conditions.push(`cluster_id = ${bind(clusterId)}`);
    if (traceId) conditions.push(`trace_id = ${bind(traceId)}`);
    const words = text === undefined ? '' : toSearchQuery(text);
    if (words) conditions.push(`search @@ ${bind(words)}::tsquery`);
    return this.#database.query(
      `SELECT id::text AS id, (time_ns / 1000)::float8 AS "timeUs", severity, severity_text AS "severityText", agent, event,
         ${textPart('body', BODY_PART)} AS body, trace_id AS "traceId", span_id AS "spanId"
       FROM logs WHERE ${conditions.join(' AND ')} ORDER BY ${traceId ? 'time_ns, id' : 'id DESC'}
       LIMIT ${bind(toLimit(limit))}`,
      parameters,
    );
  }
}

/** Words of a user as a query in which all must occur; each may be the beginning of a word. As `frame-store.ts` parts them. */
function toSearchQuery(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words
    .slice(0, 16)
    .map((word) => `'${word.slice(0, 100)}':*`)
    .join(' & ');
}

function toLimit(limit: number): number {
  return Math.min(Math.max(Math.trunc(limit) || 1, 1), MAX_PAGE);
}

function textPart(column: string, characters: number): string {
  return `CASE WHEN ${column} IS NOT NULL
    THEN json_build_object('text', left(${column}, ${characters}), 'length', length(${column})) END`;
}
