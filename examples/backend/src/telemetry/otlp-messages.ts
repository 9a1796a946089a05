import protobuf from 'protobufjs';

/** OTLP 1.x, as far as it is stored. Unknown fields are skipped by the decoder. */
const SOURCE = `
syntax = "proto3";
message Traces { repeated ResourceSpans resource_spans = 1; }
message Logs { repeated ResourceLogs resource_logs = 1; }
message Metrics { repeated ResourceMetrics resource_metrics = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message Resource { repeated KeyValue attributes = 1; }
message Scope { string name = 1; string version = 2; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue {
  oneof value {
    string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
    ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
  repeated Event events = 11; repeated Link links = 13; Status status = 15;
}
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
message Link { bytes trace_id = 1; bytes span_id = 2; repeated KeyValue attributes = 4; }
message Status { string message = 2; int32 code = 3; }
message LogRecord {
  fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
  repeated KeyValue attributes = 6; bytes trace_id = 9; bytes span_id = 10; fixed64 observed_time_unix_nano = 11;
  string event_name = 12;
}
message Metric {
  string name = 1; string unit = 3; Numbers gauge = 5; Numbers sum = 7; Histograms histogram = 9;
  Exponentials exponential_histogram = 10; Summaries summary = 11;
}
message Numbers { repeated NumberPoint data_points = 1; }
message Histograms { repeated HistogramPoint data_points = 1; }
message Exponentials { repeated ExponentialPoint data_points = 1; }
message Summaries { repeated SummaryPoint data_points = 1; }
message NumberPoint {
  fixed64 time_unix_nano = 3; oneof value { double as_double = 4; sfixed64 as_int = 6; }
  repeated KeyValue attributes = 7;
}
message HistogramPoint {
  fixed64 time_unix_nano = 3; fixed64 count = 4; double sum = 5; repeated fixed64 bucket_counts = 6;
  repeated double explicit_bounds = 7; repeated KeyValue attributes = 9;
}
message Buckets { sint32 offset = 1; repeated uint64 bucket_counts = 2; }
message ExponentialPoint {
  repeated KeyValue attributes = 1; fixed64 time_unix_nano = 3; fixed64 count = 4; double sum = 5; sint32 scale = 6;
  fixed64 zero_count = 7; Buckets positive = 8; Buckets negative = 9;
}
message Quantile { double quantile = 1; double value = 2; }
message SummaryPoint {
  fixed64 time_unix_nano = 3; fixed64 count = 4; double sum = 5; repeated Quantile quantile_values = 6;
  repeated KeyValue attributes = 7;
}
`;

const ROOT = protobuf.parse(SOURCE).root;

/** 64 bits as protobufjs gives them. */
export interface Long {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}
export interface AnyValue {
  readonly value?: string;
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: Long;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values: readonly KeyValue[] };
  readonly bytesValue?: Uint8Array;
}
export interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue | null;
}
export interface Resource {
  readonly attributes: readonly KeyValue[];
}
export interface Scope {
  readonly name: string;
  readonly version: string;
}
export interface SpanMessage {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: Long;
  readonly endTimeUnixNano: Long;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly { timeUnixNano: Long; name: string; attributes: readonly KeyValue[] }[];
  readonly links: readonly { traceId: Uint8Array; spanId: Uint8Array; attributes: readonly KeyValue[] }[];
  readonly status?: { readonly message: string; readonly code: number } | null;
}
export interface LogMessage {
  readonly timeUnixNano: Long;
  readonly observedTimeUnixNano: Long;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body?: AnyValue | null;
  readonly attributes: readonly KeyValue[];
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly eventName: string;
}
export interface PointMessage {
  readonly timeUnixNano: Long;
  readonly attributes: readonly KeyValue[];
  readonly value?: 'asDouble' | 'asInt';
  readonly asDouble?: number;
  readonly asInt?: Long;
  readonly count?: Long;
  readonly sum?: number;
}
export interface MetricMessage {
  readonly name: string;
  readonly unit: string;
  readonly gauge?: { readonly dataPoints: readonly PointMessage[] } | null;
  readonly sum?: { readonly dataPoints: readonly PointMessage[] } | null;
  readonly histogram?: { readonly dataPoints: readonly PointMessage[] } | null;
  readonly exponentialHistogram?: { readonly dataPoints: readonly PointMessage[] } | null;
  readonly summary?: { readonly dataPoints: readonly PointMessage[] } | null;
}
interface Grouped<Key extends string, ItemsKey extends string, Item> {
  readonly groups: readonly ({ readonly resource?: Resource | null } & Readonly<
    Record<Key, readonly ({ readonly scope?: Scope | null } & Readonly<Record<ItemsKey, readonly Item[]>>)[]>
  >)[];
}
export type TraceGroups = Grouped<'scopeSpans', 'spans', SpanMessage>['groups'];
export type LogGroups = Grouped<'scopeLogs', 'logRecords', LogMessage>['groups'];
export type MetricGroups = Grouped<'scopeMetrics', 'metrics', MetricMessage>['groups'];

const TRACES = ROOT.lookupType('Traces');
const LOGS = ROOT.lookupType('Logs');
const METRICS = ROOT.lookupType('Metrics');
const DETAILS = ['HistogramPoint', 'ExponentialPoint', 'SummaryPoint'].map((name) => ROOT.lookupType(name));

/** Throws when the bytes are not such a message. */
export function readTraces(bytes: Uint8Array): TraceGroups {
  return (TRACES.decode(bytes) as unknown as { resourceSpans: TraceGroups }).resourceSpans;
}
/** Throws when the bytes are not such a message. */
export function readLogs(bytes: Uint8Array): LogGroups {
  return (LOGS.decode(bytes) as unknown as { resourceLogs: LogGroups }).resourceLogs;
}
/** Throws when the bytes are not such a message. */
export function readMetrics(bytes: Uint8Array): MetricGroups {
  return (METRICS.decode(bytes) as unknown as { resourceMetrics: MetricGroups }).resourceMetrics;
}

/** Buckets, bounds and quantiles of a point that is more than a number, as JSON; undefined for a number. */
export function describePoint(point: PointMessage): Record<string, unknown> | undefined {
  const type = DETAILS.find((candidate) => (point as unknown as protobuf.Message).$type === candidate);
  if (!type) return undefined;
  const {
    attributes: _a,
    timeUnixNano: _t,
    count: _c,
    sum: _s,
    ...detail
  } = type.toObject(point as unknown as protobuf.Message, { longs: String, json: true });
  return detail;
}
