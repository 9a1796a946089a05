/** The relayer's metrics that alerts and panels may name, and those of others. */
export const relayerMetrics: readonly string[] = [
  'relayer_backend_connected',
  'relayer_otel_received_total',
  'relayer_otel_forwarded_total',
  'relayer_otel_refused_total',
  'relayer_reconnections_total',
  'relayer_circuit_breaker_state',
  'relayer_queue_bytes',
  'relayer_queue_max_bytes',
  'relayer_queue_oldest_age_seconds',
  'relayer_queue_damaged_records_total',
  'relayer_dead_lettered_total',
];
const otherMetrics: readonly string[] = ['kube_pod_container_status_restarts_total'];

const functions = /\b(absent|sum|max|min|avg|count|rate|increase|label_values|by)\b/g;

/** Names in a PromQL expression that are no metric of the list. */
export function unknownMetrics(expression: string): readonly string[] {
  const bare = expression
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"/g, '')
    .replaceAll(/\bby \([^)]*\)/g, '')
    .replaceAll(functions, '');
  const names = bare.match(/[a-zA-Z_:][\w:]*/g) ?? [];
  return names.filter((name) => !relayerMetrics.includes(name) && !otherMetrics.includes(name));
}
