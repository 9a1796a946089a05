import { randomBytes } from 'node:crypto';
import { takeGenAi } from './gen-ai.ts';
import {
  describePoint,
  readLogs,
  readMetrics,
  readTraces,
  type LogMessage,
  type MetricMessage,
  type PointMessage,
  type Resource,
  type Scope,
  type SpanMessage,
} from './otlp-messages.ts';
import { noRows, type LogRow, type PointRow, type SpanRow, type TelemetryRows } from './rows.ts';
import {
  attributesToJson,
  cleanText,
  clip,
  idToHex,
  jsonToText,
  longToText,
  valueToJson,
  type Attributes,
} from './values.ts';

export type Signal = 'traces' | 'logs' | 'metrics';

const ERROR_STATUS = 2;

/** Characters of a name that is a key of an index: PostgreSQL refuses longer keys. */
const MAX_NAME = 255;

/** Where an item came from. */
interface Origin {
  readonly resource: Attributes;
  readonly service: string;
  readonly scope: string;
}

/** Undefined when the bytes are not an export request of this signal. */
export function decodeSection(signal: Signal, bytes: Uint8Array): TelemetryRows | undefined {
  const rows = noRows();
  try {
    if (signal === 'traces') addTraces(rows, bytes);
    else if (signal === 'logs') addLogs(rows, bytes);
    else addMetrics(rows, bytes);
    return rows;
  } catch {
    // A protobuf error, or values nested deeper than the stack.
    return undefined;
  }
}

function addTraces({ spans }: TelemetryRows, bytes: Uint8Array): void {
  for (const { resource, scopeSpans } of readTraces(bytes)) {
    const describe = originsOf(resource);
    for (const { scope, spans: items } of scopeSpans) {
      const origin = describe(scope);
      for (const item of items) spans.push(spanRow(item, origin));
    }
  }
}

function addLogs({ logs }: TelemetryRows, bytes: Uint8Array): void {
  for (const { resource, scopeLogs } of readLogs(bytes)) {
    const describe = originsOf(resource);
    for (const { scope, logRecords } of scopeLogs) {
      const origin = describe(scope);
      for (const item of logRecords) logs.push(logRow(item, origin));
    }
  }
}

function addMetrics({ points }: TelemetryRows, bytes: Uint8Array): void {
  for (const { resource, scopeMetrics } of readMetrics(bytes)) {
    const describe = originsOf(resource);
    for (const { scope, metrics } of scopeMetrics) {
      const origin = describe(scope);
      for (const metric of metrics) for (const row of pointRows(metric, origin)) points.push(row);
    }
  }
}

function originsOf(resource: Resource | undefined | null): (scope: Scope | undefined | null) => Origin {
  const attributes = attributesToJson(resource?.attributes ?? []);
  const service = clip(jsonToText(attributes['service.name']) ?? '', MAX_NAME);
  return (scope) => ({ resource: attributes, service, scope: cleanText(scope?.name ?? '') });
}

function spanRow(span: SpanMessage, { resource, service, scope }: Origin): SpanRow {
  const name = cleanText(span.name);
  const attributes = attributesToJson(span.attributes);
  const { operation, provider, model, agent, tool, conversationId, inputTokens, outputTokens, prompt, completion } =
    takeGenAi(name, attributes);
  return {
    // A span without valid ids is kept all the same, as one of its own.
    trace_id: idToHex(span.traceId, 16) ?? `invalid-${randomBytes(8).toString('hex')}`,
    span_id: idToHex(span.spanId, 8) ?? `invalid-${randomBytes(8).toString('hex')}`,
    parent_id: idToHex(span.parentSpanId, 8),
    name,
    kind: span.kind,
    service,
    agent: clip(agent ?? service, MAX_NAME),
    start_ns: longToText(span.startTimeUnixNano),
    end_ns: longToText(span.endTimeUnixNano),
    failed: span.status?.code === ERROR_STATUS,
    status_message: span.status?.message ? cleanText(span.status.message) : undefined,
    operation,
    provider,
    model,
    tool,
    conversation_id: conversationId,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    prompt,
    completion,
    attributes,
    resource,
    scope,
    events: span.events.length > 0 ? span.events.map(describeEvent) : undefined,
    links: span.links.length > 0 ? span.links.map(describeLink) : undefined,
  };
}

function describeEvent(event: SpanMessage['events'][number]): Attributes {
  return {
    time_ns: longToText(event.timeUnixNano),
    name: cleanText(event.name),
    attributes: attributesToJson(event.attributes),
  };
}

function describeLink(link: SpanMessage['links'][number]): Attributes {
  return {
    trace_id: idToHex(link.traceId, 16) ?? '',
    span_id: idToHex(link.spanId, 8) ?? '',
    attributes: attributesToJson(link.attributes),
  };
}

function logRow(log: LogMessage, { resource, service, scope }: Origin): LogRow {
  const attributes = attributesToJson(log.attributes);
  const time = longToText(log.timeUnixNano);
  return {
    time_ns: time === '0' ? longToText(log.observedTimeUnixNano) : time,
    trace_id: idToHex(log.traceId, 16),
    span_id: idToHex(log.spanId, 8),
    severity: log.severityNumber,
    severity_text: cleanText(log.severityText),
    service,
    agent: clip(jsonToText(attributes['gen_ai.agent.name']) ?? service, MAX_NAME),
    event: cleanText(log.eventName) || jsonToText(attributes['event.name']),
    body: jsonToText(valueToJson(log.body)) ?? '',
    attributes,
    resource,
    scope,
  };
}

const POINT_TYPES = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const;

function pointRows(metric: MetricMessage, origin: Origin): PointRow[] {
  return POINT_TYPES.flatMap((type) =>
    (metric[type]?.dataPoints ?? []).map((point) => pointRow({ metric, type, point, origin })),
  );
}

function pointRow({
  metric,
  type,
  point,
  origin,
}: {
  metric: MetricMessage;
  type: string;
  point: PointMessage;
  origin: Origin;
}): PointRow {
  const isNumber = type === 'gauge' || type === 'sum';
  return {
    time_ns: longToText(point.timeUnixNano),
    service: origin.service,
    name: clip(cleanText(metric.name), MAX_NAME),
    unit: cleanText(metric.unit),
    type,
    value: isNumber ? numberOf(point) : undefined,
    count: isNumber ? undefined : longToText(point.count),
    sum: isNumber ? undefined : toColumn(point.sum),
    detail: describePoint(point),
    attributes: attributesToJson(point.attributes),
    resource: origin.resource,
  };
}

function numberOf(point: PointMessage): number | string | undefined {
  return point.value === 'asInt' ? longToText(point.asInt) : toColumn(point.asDouble);
}

function toColumn(value: number | undefined): number | string | undefined {
  return value === undefined || Number.isFinite(value) ? value : String(value);
}
