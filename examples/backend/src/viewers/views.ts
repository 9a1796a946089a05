/* What the page asks for and gets: shared by the backend and the page. Times are microseconds since 1970. */

export interface ClusterView {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly revoked: boolean;
  readonly spans: number;
  readonly logs: number;
  readonly points: number;
  /** Milliseconds since 1970 of the last frame. */
  readonly lastFrameMs: number | null;
  readonly connections: readonly { readonly instance: string; readonly node: string; readonly sinceMs: number }[];
}

export interface AgentView {
  readonly clusterId: string;
  readonly agent: string;
  readonly spans: number;
  readonly errors: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly seenMs: number;
}

export interface Overview {
  readonly clusters: readonly ClusterView[];
  readonly agents: readonly AgentView[];
}

export interface TraceView {
  readonly clusterId: string;
  readonly traceId: string;
  readonly name: string | null;
  readonly startUs: number;
  readonly durationUs: number;
  readonly spans: number;
  readonly errors: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly agents: readonly string[];
  /** Hand it back to get what follows this one. */
  readonly cursor: string;
}

export interface TraceFilter {
  readonly text?: string | undefined;
  readonly clusterId?: string | undefined;
  readonly agent?: string | undefined;
  readonly errorsOnly?: boolean | undefined;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** A span as the waterfall needs it. */
export interface SpanView {
  readonly spanId: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly agent: string;
  readonly startUs: number;
  readonly durationUs: number;
  readonly failed: boolean;
  readonly operation: string | null;
  readonly model: string | null;
  readonly tool: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

/** Another span that this one refers to: named as they are stored. */
interface SpanLink {
  readonly trace_id: string;
  readonly span_id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** One text of a span; long ones come in parts. */
export interface TextView {
  readonly text: string;
  /** Characters in all, as PostgreSQL counts them: code points. */
  readonly length: number;
}

export interface SpanDetail extends SpanView {
  readonly service: string;
  readonly scope: string;
  readonly kind: number;
  readonly provider: string | null;
  readonly conversationId: string | null;
  readonly statusMessage: string | null;
  readonly prompt: TextView | null;
  readonly completion: TextView | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[] | null;
  readonly links: readonly SpanLink[] | null;
}

export interface LogView {
  readonly id: string;
  readonly timeUs: number;
  readonly severity: number;
  readonly severityText: string;
  readonly agent: string;
  readonly event: string | null;
  readonly body: TextView;
  readonly traceId: string | null;
  readonly spanId: string | null;
}

export interface LogFilter {
  readonly clusterId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly text?: string | undefined;
  readonly limit?: number | undefined;
}

export interface SpanKey {
  readonly clusterId: string;
  readonly traceId: string;
  readonly spanId: string;
}

/** Sent by every node about once a second. */
export interface Pulse {
  readonly node: string;
  readonly atMs: number;
  /** Stored since the pulse before. */
  readonly spans: number;
  readonly logs: number;
  readonly points: number;
  readonly intervalMs: number;
  /** Frames of relayers that wait to be stored on this node, and their bytes. */
  readonly waitingFrames: number;
  readonly waitingBytes: number;
  /** What waits in the queues of relayers whose metrics this node can read; null when it reads none. */
  readonly relayerQueueBytes: number | null;
  readonly changedTraces: number;
}

/** Every request is an event with an acknowledgement that is one of these. */
export type ViewerAnswer<Value> = { readonly value: Value } | { readonly error: string };
