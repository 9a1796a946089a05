import { SpanKind } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as LogGrpc } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as LogJson } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as LogProto } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as MetricGrpc } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as MetricJson } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as MetricProto } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as TraceGrpc } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as TraceJson } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as TraceProto } from '@opentelemetry/exporter-trace-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import {
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, SimpleSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import type { Signal } from '../../src/protocol/signal.ts';
import { otlpRoot } from '../fixtures/otlp-types.ts';
import { startReceivers, type Receivers } from './set-up.ts';

const root = otlpRoot();
const resource = resourceFromAttributes({ 'service.name': 'kagent', count: 3, ratio: 0.5, on: true, list: ['a', 'b'] });

function decoded({ records }: Receivers, signal: Signal): Record<string, unknown>[] {
  const type = root.lookupType(signal);
  return records
    .filter((record) => record.signal === signal)
    .map(({ payload }) => type.toObject(type.decode(payload), { longs: String, bytes: String, arrays: false }));
}

/** Everything but what differs from run to run: times and ids. */
function stable(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, member: unknown) =>
      /^(traceId|spanId|parentSpanId)$/.test(key) || key.endsWith('UnixNano') ? '…' : member,
    ),
  );
}

async function sendTraces(exporter: SpanExporter): Promise<void> {
  const provider = new BasicTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const span = provider.getTracer('kagent.adk', '1.2.3').startSpan('call_llm', {
    kind: SpanKind.CLIENT,
    attributes: { prompt: 'Grüße', tokens: 12, big: 2 ** 40, ratio: 0.25, tags: ['x', 'y'], negative: -7 },
  });
  span.addEvent('chunk', { n: 1 });
  span.setStatus({ code: 2, message: 'failed' });
  span.end();
  await provider.forceFlush();
  await provider.shutdown();
}

async function sendLogs(exporter: LogRecordExporter): Promise<void> {
  const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter })] });
  provider.getLogger('kagent').emit({
    severityNumber: SeverityNumber.WARN,
    severityText: 'WARN',
    body: { text: 'hello', nested: { deep: [1, true, null] } },
    attributes: { a: 1 },
    eventName: 'gen_ai.message',
  });
  await provider.forceFlush();
  await provider.shutdown();
}

async function sendMetrics(exporter: PushMetricExporter): Promise<void> {
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const provider = new MeterProvider({
    resource,
    readers: [reader],
    views: [{ instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
  });
  const meter = provider.getMeter('kagent');
  meter.createCounter('requests').add(3, { agent: 'a' });
  meter.createUpDownCounter('level').add(-2.5);
  const histogram = meter.createHistogram('latency', { unit: 'ms' });
  const exponential = meter.createHistogram('exponential');
  for (const value of [0, 1, 30, 700]) {
    histogram.record(value);
    exponential.record(value);
  }
  // Shutting down exports once.
  await provider.shutdown();
}

const grpcUrl = ({ grpcPort }: Receivers): { url: string } => ({ url: `http://127.0.0.1:${grpcPort}` });
const httpUrl = ({ httpPort }: Receivers, signal: Signal): { url: string } => ({
  url: `http://127.0.0.1:${httpPort}/v1/${signal}`,
});
const gzip = { compression: CompressionAlgorithm.GZIP };

test('the official trace exporters over gRPC, protobuf and JSON, with and without gzip, say the same', async () => {
  const receivers = await startReceivers();
  await sendTraces(new TraceGrpc(grpcUrl(receivers)));
  await sendTraces(new TraceGrpc({ ...grpcUrl(receivers), ...gzip }));
  await sendTraces(new TraceProto(httpUrl(receivers, 'traces')));
  await sendTraces(new TraceProto({ ...httpUrl(receivers, 'traces'), ...gzip }));
  await sendTraces(new TraceJson(httpUrl(receivers, 'traces')));
  await sendTraces(new TraceJson({ ...httpUrl(receivers, 'traces'), ...gzip }));
  const all = decoded(receivers, 'traces').map(stable);
  expect(all).toHaveLength(6);
  for (const request of all) expect(request).toEqual(all[0]);
  expect(JSON.stringify(all[0])).toContain('Grüße');
  expect(receivers.records.map(({ items }) => items)).toEqual([1, 1, 1, 1, 1, 1]);
});

test('the official log exporters say the same over every transport', async () => {
  const receivers = await startReceivers();
  await sendLogs(new LogGrpc(grpcUrl(receivers)));
  await sendLogs(new LogProto(httpUrl(receivers, 'logs')));
  await sendLogs(new LogJson(httpUrl(receivers, 'logs')));
  const all = decoded(receivers, 'logs').map(stable);
  expect(all).toHaveLength(3);
  for (const request of all) expect(request).toEqual(all[0]);
  expect(JSON.stringify(all[0])).toContain('gen_ai.message');
});

test('the official metric exporters say the same over every transport', async () => {
  const receivers = await startReceivers();
  await sendMetrics(new MetricGrpc(grpcUrl(receivers)));
  await sendMetrics(new MetricProto(httpUrl(receivers, 'metrics')));
  await sendMetrics(new MetricJson(httpUrl(receivers, 'metrics')));
  const all = decoded(receivers, 'metrics').map(stable);
  expect(all).toHaveLength(3);
  for (const request of all) expect(request).toEqual(all[0]);
  expect(receivers.records.map(({ items }) => items)).toEqual([4, 4, 4]);
});

test('agents that post to / are understood by what they send', async () => {
  const receivers = await startReceivers();
  const url = `http://127.0.0.1:${receivers.httpPort}/`;
  await sendTraces(new TraceProto({ url }));
  await sendTraces(new TraceJson({ url }));
  await sendLogs(new LogProto({ url }));
  await sendLogs(new LogJson({ url }));
  await sendMetrics(new MetricProto({ url }));
  await sendMetrics(new MetricJson({ url }));
  expect(receivers.records.map(({ signal }) => signal)).toEqual([
    'traces',
    'traces',
    'logs',
    'logs',
    'metrics',
    'metrics',
  ]);
});
