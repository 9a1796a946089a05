import { expect, test } from 'vitest';
import { METRICS, Metrics } from '../../src/observe/metrics.ts';

test('prints the text format: help, type, series; unlabelled ones exist from the start', () => {
  const metrics = new Metrics();
  metrics.add('relayer_otel_received_total', 5, 'traces');
  metrics.series('relayer_otel_received_total', 'traces').value += 2;
  const text = metrics.print();
  expect(text).toContain(
    '# TYPE relayer_otel_received_total counter\nrelayer_otel_received_total{signal="traces"} 7\n',
  );
  expect(text).toContain('\nrelayer_backend_connected 0\n');
  for (const line of text.trimEnd().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? -?[0-9.e+-]+)$/);
});

test('a histogram is cumulative', () => {
  const metrics = new Metrics();
  for (const seconds of [0.0005, 0.004, 0.004, 99]) metrics.observeAckLatency(seconds);
  const text = metrics.print();
  expect(text).toContain('relayer_ack_latency_seconds_bucket{le="0.001"} 1\n');
  expect(text).toContain('relayer_ack_latency_seconds_bucket{le="0.005"} 3\n');
  expect(text).toContain('relayer_ack_latency_seconds_bucket{le="30"} 3\n');
  expect(text).toContain('relayer_ack_latency_seconds_bucket{le="+Inf"} 4\n');
  expect(text).toContain('relayer_ack_latency_seconds_count 4\n');
});

test('the names that users rely on are there', () => {
  const names = Object.keys(METRICS);
  for (const name of [
    'relayer_backend_connected',
    'relayer_otel_received_total',
    'relayer_otel_forwarded_total',
    'relayer_reconnections_total',
    'relayer_circuit_breaker_state',
  ])
    expect(names).toContain(name);
});
