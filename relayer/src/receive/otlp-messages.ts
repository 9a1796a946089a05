export type MessageName = keyof typeof MESSAGES;

/** `[number, type]`, or `[number, type, 'repeated']`; the type is a scalar of protobuf, an identifier, or a message below. */
type Fields = Readonly<Record<string, readonly [number: number, type: string, repeated?: 'repeated']>>;

const RESOURCE = { resource: [1, 'Resource'], schemaUrl: [3, 'string'] } as const;
const SCOPE = { scope: [1, 'Scope'], schemaUrl: [3, 'string'] } as const;
const ATTRIBUTES = { attributes: [1, 'KeyValue', 'repeated'], droppedAttributesCount: [2, 'uint32'] } as const;
const NUMBER_TIMES = { startTimeUnixNano: [2, 'fixed64'], timeUnixNano: [3, 'fixed64'] } as const;

/**
 * The messages of OTLP 1.x as far as a JSON request has to be written as protobuf: name of the
 * JSON key → field number and type. `traceId` and `spanId` are OTLP's own deviation from the JSON
 * mapping: these bytes are hexadecimal. A key that isn't here is ignored, as the specification demands.
 */
export const MESSAGES: {
  readonly [
    name in
      | 'traces'
      | 'logs'
      | 'metrics'
      | 'ResourceSpans'
      | 'ResourceLogs'
      | 'ResourceMetrics'
      | 'ScopeSpans'
      | 'ScopeLogs'
      | 'ScopeMetrics'
      | 'Resource'
      | 'Scope'
      | 'EntityRef'
      | 'KeyValue'
      | 'AnyValue'
      | 'ArrayValue'
      | 'KeyValueList'
      | 'Span'
      | 'Event'
      | 'Link'
      | 'Status'
      | 'LogRecord'
      | 'Metric'
      | 'Gauge'
      | 'Sum'
      | 'Histogram'
      | 'ExponentialHistogram'
      | 'Summary'
      | 'NumberDataPoint'
      | 'HistogramDataPoint'
      | 'ExponentialHistogramDataPoint'
      | 'Buckets'
      | 'SummaryDataPoint'
      | 'ValueAtQuantile'
      | 'Exemplar'
  ]: Fields;
} = {
  traces: { resourceSpans: [1, 'ResourceSpans', 'repeated'] },
  logs: { resourceLogs: [1, 'ResourceLogs', 'repeated'] },
  metrics: { resourceMetrics: [1, 'ResourceMetrics', 'repeated'] },
  ResourceSpans: { ...RESOURCE, scopeSpans: [2, 'ScopeSpans', 'repeated'] },
  ResourceLogs: { ...RESOURCE, scopeLogs: [2, 'ScopeLogs', 'repeated'] },
  ResourceMetrics: { ...RESOURCE, scopeMetrics: [2, 'ScopeMetrics', 'repeated'] },
  ScopeSpans: { ...SCOPE, spans: [2, 'Span', 'repeated'] },
  ScopeLogs: { ...SCOPE, logRecords: [2, 'LogRecord', 'repeated'] },
  ScopeMetrics: { ...SCOPE, metrics: [2, 'Metric', 'repeated'] },
  Resource: { ...ATTRIBUTES, entityRefs: [3, 'EntityRef', 'repeated'] },
  EntityRef: {
    schemaUrl: [1, 'string'],
    type: [2, 'string'],
    idKeys: [3, 'string', 'repeated'],
    descriptionKeys: [4, 'string', 'repeated'],
  },
  Scope: {
    name: [1, 'string'],
    version: [2, 'string'],
    attributes: [3, 'KeyValue', 'repeated'],
    droppedAttributesCount: [4, 'uint32'],
  },
  KeyValue: { key: [1, 'string'], value: [2, 'AnyValue'] },
  AnyValue: {
    stringValue: [1, 'string'],
    boolValue: [2, 'bool'],
    intValue: [3, 'int64'],
    doubleValue: [4, 'double'],
    arrayValue: [5, 'ArrayValue'],
    kvlistValue: [6, 'KeyValueList'],
    bytesValue: [7, 'bytes'],
  },
  ArrayValue: { values: [1, 'AnyValue', 'repeated'] },
  KeyValueList: { values: [1, 'KeyValue', 'repeated'] },
  Span: {
    traceId: [1, 'traceId'],
    spanId: [2, 'spanId'],
    traceState: [3, 'string'],
    parentSpanId: [4, 'spanId'],
    name: [5, 'string'],
    kind: [6, 'int32'],
    startTimeUnixNano: [7, 'fixed64'],
    endTimeUnixNano: [8, 'fixed64'],
    attributes: [9, 'KeyValue', 'repeated'],
    droppedAttributesCount: [10, 'uint32'],
    events: [11, 'Event', 'repeated'],
    droppedEventsCount: [12, 'uint32'],
    links: [13, 'Link', 'repeated'],
    droppedLinksCount: [14, 'uint32'],
    status: [15, 'Status'],
    flags: [16, 'fixed32'],
  },
  Event: {
    timeUnixNano: [1, 'fixed64'],
    name: [2, 'string'],
    attributes: [3, 'KeyValue', 'repeated'],
    droppedAttributesCount: [4, 'uint32'],
  },
  Link: {
    traceId: [1, 'traceId'],
    spanId: [2, 'spanId'],
    traceState: [3, 'string'],
    attributes: [4, 'KeyValue', 'repeated'],
    droppedAttributesCount: [5, 'uint32'],
    flags: [6, 'fixed32'],
  },
  Status: { message: [2, 'string'], code: [3, 'int32'] },
  LogRecord: {
    timeUnixNano: [1, 'fixed64'],
    observedTimeUnixNano: [11, 'fixed64'],
    severityNumber: [2, 'int32'],
    severityText: [3, 'string'],
    body: [5, 'AnyValue'],
    attributes: [6, 'KeyValue', 'repeated'],
    droppedAttributesCount: [7, 'uint32'],
    flags: [8, 'fixed32'],
    traceId: [9, 'traceId'],
    spanId: [10, 'spanId'],
    eventName: [12, 'string'],
  },
  Metric: {
    name: [1, 'string'],
    description: [2, 'string'],
    unit: [3, 'string'],
    gauge: [5, 'Gauge'],
    sum: [7, 'Sum'],
    histogram: [9, 'Histogram'],
    exponentialHistogram: [10, 'ExponentialHistogram'],
    summary: [11, 'Summary'],
    metadata: [12, 'KeyValue', 'repeated'],
  },
  Gauge: { dataPoints: [1, 'NumberDataPoint', 'repeated'] },
  Sum: {
    dataPoints: [1, 'NumberDataPoint', 'repeated'],
    aggregationTemporality: [2, 'int32'],
    isMonotonic: [3, 'bool'],
  },
  Histogram: { dataPoints: [1, 'HistogramDataPoint', 'repeated'], aggregationTemporality: [2, 'int32'] },
  ExponentialHistogram: {
    dataPoints: [1, 'ExponentialHistogramDataPoint', 'repeated'],
    aggregationTemporality: [2, 'int32'],
  },
  Summary: { dataPoints: [1, 'SummaryDataPoint', 'repeated'] },
  NumberDataPoint: {
    ...NUMBER_TIMES,
    asDouble: [4, 'double'],
    exemplars: [5, 'Exemplar', 'repeated'],
    asInt: [6, 'sfixed64'],
    attributes: [7, 'KeyValue', 'repeated'],
    flags: [8, 'uint32'],
  },
  HistogramDataPoint: {
    ...NUMBER_TIMES,
    count: [4, 'fixed64'],
    sum: [5, 'double'],
    bucketCounts: [6, 'fixed64', 'repeated'],
    explicitBounds: [7, 'double', 'repeated'],
    exemplars: [8, 'Exemplar', 'repeated'],
    attributes: [9, 'KeyValue', 'repeated'],
    flags: [10, 'uint32'],
    min: [11, 'double'],
    max: [12, 'double'],
  },
  ExponentialHistogramDataPoint: {
    attributes: [1, 'KeyValue', 'repeated'],
    ...NUMBER_TIMES,
    count: [4, 'fixed64'],
    sum: [5, 'double'],
    scale: [6, 'sint32'],
    zeroCount: [7, 'fixed64'],
    positive: [8, 'Buckets'],
    negative: [9, 'Buckets'],
    flags: [10, 'uint32'],
    exemplars: [11, 'Exemplar', 'repeated'],
    min: [12, 'double'],
    max: [13, 'double'],
    zeroThreshold: [14, 'double'],
  },
  Buckets: { offset: [1, 'sint32'], bucketCounts: [2, 'uint64', 'repeated'] },
  SummaryDataPoint: {
    ...NUMBER_TIMES,
    count: [4, 'fixed64'],
    sum: [5, 'double'],
    quantileValues: [6, 'ValueAtQuantile', 'repeated'],
    attributes: [7, 'KeyValue', 'repeated'],
    flags: [8, 'uint32'],
  },
  ValueAtQuantile: { quantile: [1, 'double'], value: [2, 'double'] },
  Exemplar: {
    timeUnixNano: [2, 'fixed64'],
    asDouble: [3, 'double'],
    spanId: [4, 'spanId'],
    traceId: [5, 'traceId'],
    asInt: [6, 'sfixed64'],
    filteredAttributes: [7, 'KeyValue', 'repeated'],
  },
};
