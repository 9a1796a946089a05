import type { Histogram, Tracer } from '@opentelemetry/api';
import type { Logger } from '@opentelemetry/api-logs';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as HttpTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';

export interface Telemetry {
  readonly tracer: Tracer;
  readonly logger: Logger;
  /** Tokens of each call of a model. */
  readonly tokens: Histogram;
  /** Seconds of each call of a model. */
  readonly duration: Histogram;
  /** Sends what is left. */
  stop(): Promise<void>;
}

const EXPORT_INTERVAL_MS = 500;
const METRIC_INTERVAL_MS = 5_000;

/**
 * The SDK with its own exporters, pointed at the relayer's default ports. The resource is kagent's: see
 * `configure` in kagent-core's tracing/_utils.py. Metrics are those of the GenAI semantic conventions.
 */
export function startTelemetry(agent: string, transport: 'grpc' | 'http'): Telemetry {
  const resource = resourceFromAttributes({ 'service.name': agent, 'service.namespace': 'kagent' });
  const grpc = { url: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? 'http://localhost:4317' };
  const http = { url: `${process.env['DEMO_OTLP_HTTP'] ?? 'http://localhost:4318'}/v1/traces` };
  const batch = { scheduledDelayMillis: EXPORT_INTERVAL_MS };
  const spans = transport === 'grpc' ? new GrpcTraceExporter(grpc) : new HttpTraceExporter(http);
  const traces = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(spans, batch)] });
  const logs = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(grpc), ...batch })],
  });
  const metrics = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter(grpc),
        exportIntervalMillis: METRIC_INTERVAL_MS,
      }),
    ],
  });
  const meter = metrics.getMeter('gcp.vertex.agent');
  return {
    tracer: traces.getTracer('gcp.vertex.agent'),
    logger: logs.getLogger('opentelemetry.instrumentation'),
    tokens: meter.createHistogram('gen_ai.client.token.usage', { unit: '{token}' }),
    duration: meter.createHistogram('gen_ai.client.operation.duration', { unit: 's' }),
    stop: async () => {
      await Promise.allSettled([traces.shutdown(), logs.shutdown(), metrics.shutdown()]);
    },
  };
}
