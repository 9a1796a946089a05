import { expect, test } from 'vitest';
import { itemJson, requestJson } from '../../../../relayer/test/fixtures/otlp.ts';
import { encodeJsonRequest } from '../../../../relayer/src/receive/json-request.ts';
import { decodeSection, type Signal } from '../../src/telemetry/decode.ts';
import type { SpanRow, TelemetryRows } from '../../src/telemetry/rows.ts';

type Values = Readonly<Record<string, unknown>>;

const attribute = (key: string, value: unknown): object => ({
  key,
  value:
    typeof value === 'number'
      ? { intValue: String(value) }
      : typeof value === 'string'
        ? { stringValue: value }
        : value,
});

function decode(signal: Signal, items: readonly object[]): TelemetryRows {
  const bytes = encodeJsonRequest(requestJson(signal, items), signal);
  if (typeof bytes === 'string') throw new Error(bytes);
  return decodeSection(signal, bytes) as TelemetryRows;
}

function decodeSpan(name: string, attributes: Values, more: object = {}): SpanRow {
  const list = Object.entries(attributes).map(([key, value]) => attribute(key, value));
  return decode('traces', [{ ...itemJson('traces', 7), name, attributes: list, ...more }]).spans[0] as SpanRow;
}

test('a call of a model by ADK: prompt and completion are moved out of the attributes, tokens are numbers', () => {
  const span = decodeSpan('call_llm', {
    'gen_ai.system': 'gcp.vertex.agent',
    'gen_ai.request.model': 'gemini-2.5-pro',
    'gen_ai.usage.input_tokens': 120,
    'gen_ai.usage.output_tokens': 30,
    'gcp.vertex.agent.llm_request': '{"contents":[]}',
    'gcp.vertex.agent.llm_response': '{"content":1}',
    'gcp.vertex.agent.session_id': 's-1',
  });
  expect(span).toMatchObject({
    provider: 'gcp.vertex.agent',
    model: 'gemini-2.5-pro',
    input_tokens: 120,
    output_tokens: 30,
    prompt: '{"contents":[]}',
    completion: '{"content":1}',
    conversation_id: 's-1',
    agent: 'kagent',
  });
  expect(Object.keys(span.attributes)).not.toContain('gcp.vertex.agent.llm_request');
});

test('a tool by ADK: arguments and result, though empty `llm_request` and `llm_response` stand beside them', () => {
  const span = decodeSpan('execute_tool k8s_scale', {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'k8s_scale',
    'gcp.vertex.agent.llm_request': '{}',
    'gcp.vertex.agent.llm_response': '{}',
    'gcp.vertex.agent.tool_call_args': '{"replicas":5}',
    'gcp.vertex.agent.tool_response': '{"result":"scaled"}',
    'gen_ai.conversation.id': 's-1',
    'kagent.user_id': 'admin@kagent.dev',
  });
  expect(span).toMatchObject({
    operation: 'execute_tool',
    tool: 'k8s_scale',
    prompt: '{"replicas":5}',
    completion: '{"result":"scaled"}',
    conversation_id: 's-1',
    // As kagent names its services.
    agent: 'kagent',
  });
  expect(span.attributes).toMatchObject({ 'kagent.user_id': 'admin@kagent.dev' });
});

test('the numbered messages of a model SDK become a list in their order', () => {
  const span = decodeSpan('openai.chat', {
    'gen_ai.prompt.10.content': 'last',
    'gen_ai.prompt.0.role': 'user',
    'gen_ai.prompt.0.content': 'first',
    'gen_ai.usage.prompt_tokens': 5,
  });
  expect(JSON.parse(span.prompt ?? '')).toEqual([{ role: 'user', content: 'first' }, { content: 'last' }]);
  expect(span.input_tokens).toBe(5);
});

test('the agent is named by the attribute, else by the name of the span, else by the service', () => {
  expect(decodeSpan('x', { 'gen_ai.agent.name': 'named' }).agent).toBe('named');
  expect(decodeSpan('agent_run [k8s-agent]', {}).agent).toBe('k8s-agent');
  expect(decodeSpan('invoke_agent helm-agent', {}).agent).toBe('helm-agent');
  expect(decodeSpan('x', {}).agent).toBe('kagent');
});

test('times keep their nanoseconds', () => {
  expect(decodeSpan('x', {}).start_ns).toBe('1735899330123456789');
});

test('text that PostgreSQL does not store becomes U+FFFD, everywhere', () => {
  const span = decodeSpan('a\0b', { 'key\0': 'v\0', 'gen_ai.prompt': 'p\0' });
  expect(span.name).toBe('a\uFFFDb');
  expect(span.attributes['key\uFFFD']).toBe('v\uFFFD');
  expect(span.prompt).toBe('p\uFFFD');
});

test('values that JSON can not hold become text', () => {
  const span = decodeSpan('x', {
    big: { intValue: '9223372036854775807' },
    nan: { doubleValue: 'NaN' },
    bytes: { bytesValue: 'AQI=' },
    list: { arrayValue: { values: [{ boolValue: true }, { intValue: '3' }] } },
    map: { kvlistValue: { values: [attribute('__proto__', 'x')] } },
  });
  expect(span.attributes).toMatchObject({ big: '9223372036854775807', nan: 'NaN', bytes: 'AQI=', list: [true, 3] });
  expect(Object.keys(span.attributes['map'] as object)).toEqual(['__proto__']);
});

test('absurd token counts are left out: they would make the sums overflow', () => {
  expect(decodeSpan('x', { 'gen_ai.usage.input_tokens': 9_000_000_000_000 }).input_tokens).toBeUndefined();
  expect(decodeSpan('x', { 'gen_ai.usage.input_tokens': 'many' }).input_tokens).toBeUndefined();
});

test('a span without valid ids is kept as one of its own', () => {
  const [a, b] = decode('traces', [
    { ...itemJson('traces', 1), traceId: '', spanId: '' },
    { ...itemJson('traces', 2), traceId: '00'.repeat(16), spanId: '00'.repeat(8) },
  ]).spans;
  expect(a?.span_id).toMatch(/^invalid-/);
  expect(b?.trace_id).toMatch(/^invalid-/);
  expect(a?.span_id).not.toBe(b?.span_id);
});

test('names that are keys of an index are clipped', () => {
  expect(decodeSpan('x', { 'gen_ai.agent.name': 'a'.repeat(5_000) }).agent).toHaveLength(255);
});

test('logs: the observed time when there is no other, structured bodies as JSON', () => {
  const { logs } = decode('logs', [
    { observedTimeUnixNano: '5', body: { kvlistValue: { values: [attribute('content', 'hi')] } }, severityNumber: 17 },
  ]);
  expect(logs[0]).toMatchObject({ time_ns: '5', body: '{"content":"hi"}', severity: 17 });
});

test('metrics: every type is kept with what it has', () => {
  const point = { timeUnixNano: '9' };
  const { points } = decode('metrics', [
    { name: 'g', gauge: { dataPoints: [{ ...point, asDouble: 1.5 }] } },
    { name: 's', sum: { dataPoints: [{ ...point, asInt: '7' }] } },
    {
      name: 'h',
      histogram: { dataPoints: [{ ...point, count: '3', sum: 4.5, bucketCounts: ['1', '2'], explicitBounds: [10] }] },
    },
    {
      name: 'q',
      summary: { dataPoints: [{ ...point, count: '2', sum: 3, quantileValues: [{ quantile: 0.5, value: 1 }] }] },
    },
  ]);
  expect(points.map(({ name, type, value, count, sum }) => ({ name, type, value, count, sum }))).toEqual([
    { name: 'g', type: 'gauge', value: 1.5, count: undefined, sum: undefined },
    { name: 's', type: 'sum', value: '7', count: undefined, sum: undefined },
    { name: 'h', type: 'histogram', value: undefined, count: '3', sum: 4.5 },
    { name: 'q', type: 'summary', value: undefined, count: '2', sum: 3 },
  ]);
  expect(points[2]?.detail).toMatchObject({ bucketCounts: ['1', '2'], explicitBounds: [10] });
});

test('a metric may have more points than a call takes arguments', () => {
  const dataPoints = Array.from({ length: 200_000 }, () => ({ asInt: '1' }));
  expect(decode('metrics', [{ name: 'g', gauge: { dataPoints } }]).points).toHaveLength(dataPoints.length);
});

test.each(['traces', 'logs', 'metrics'] as const)(
  'bytes that are no %s request are refused, never thrown',
  (signal) => {
    for (const bytes of [[0xff], [0x0a, 0x7f], [0x0b], [0x0a, 0x02, 0x12, 0x05]])
      expect(decodeSection(signal, Buffer.from(bytes))).toBeUndefined();
  },
);

test('values nested without end are refused, not a crash', () => {
  // Each level is an ArrayValue (field 5) with one AnyValue (field 1).
  let value: Buffer = Buffer.from([0x0a, 0x00]);
  const wrap = (tag: number, inner: Buffer): Buffer => {
    const length: number[] = [];
    let rest = inner.length;
    for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
    return Buffer.concat([Buffer.from([tag, ...length, rest]), inner]);
  };
  for (let i = 0; i < 5_000; i++) value = wrap(0x2a, wrap(0x0a, value));
  const keyValue = wrap(0x0a, wrap(0x12, value));
  expect(decodeSection('traces', wrap(0x0a, wrap(0x0a, keyValue)))).toBeUndefined();
});
