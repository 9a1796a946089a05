import type { Attributes, Json } from './values.ts';

/** A row of `spans`, named as its columns. Undefined is NULL; 64-bit numbers are decimal text. */
export interface SpanRow {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_id: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly service: string;
  readonly agent: string;
  readonly start_ns: string;
  readonly end_ns: string;
  readonly failed: boolean;
  readonly status_message: string | undefined;
  readonly operation: string | undefined;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly tool: string | undefined;
  readonly conversation_id: string | undefined;
  readonly input_tokens: number | undefined;
  readonly output_tokens: number | undefined;
  readonly prompt: string | undefined;
  readonly completion: string | undefined;
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly scope: string;
  readonly events: Json | undefined;
  readonly links: Json | undefined;
}

/** A row of `logs`. */
export interface LogRow {
  readonly time_ns: string;
  readonly trace_id: string | undefined;
  readonly span_id: string | undefined;
  readonly severity: number;
  readonly severity_text: string;
  readonly service: string;
  readonly agent: string;
  readonly event: string | undefined;
  readonly body: string;
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly scope: string;
}

/** A row of `points`. */
export interface PointRow {
  readonly time_ns: string;
  readonly service: string;
  readonly name: string;
  readonly unit: string;
  readonly type: string;
  /** A number that isn't finite is text: JSON has none. */
  readonly value: number | string | undefined;
  readonly count: string | undefined;
  readonly sum: number | string | undefined;
  readonly detail: Record<string, unknown> | undefined;
  readonly attributes: Attributes;
  readonly resource: Attributes;
}

export interface TelemetryRows {
  readonly spans: SpanRow[];
  readonly logs: LogRow[];
  readonly points: PointRow[];
}

export function noRows(): TelemetryRows {
  return { spans: [], logs: [], points: [] };
}

/** Not `push(...more)`: there may be more rows than a call takes arguments. */
export function addRows(rows: TelemetryRows, more: TelemetryRows): void {
  for (const span of more.spans) rows.spans.push(span);
  for (const log of more.logs) rows.logs.push(log);
  for (const point of more.points) rows.points.push(point);
}
