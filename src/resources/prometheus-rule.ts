import { concat, isNotEmpty, onlyWhen, orDefault, release } from '../expression/build.ts';
import type { Expression } from '../expression/node.ts';
import type { PrometheusRule } from '../kubernetes/types.ts';
import type { Templated, TemplatedList } from '../expression/templated.ts';
import { values } from '../values/references.ts';
import { isConnector } from './facts.ts';
import { fullname, metadata } from './names.ts';
import type { TemplatedResource } from './resource.ts';

const { prometheusRule: settings } = values;

type AlertRule = PrometheusRule['spec']['groups'][number]['rules'][number];
type Rule = Templated<AlertRule>;

/** The series of this release: the Prometheus Operator sets `job` to the Service's name. */
const ours: Expression<string> = concat('{namespace="', release.namespace, '", job="', fullname, '"}');

interface Alert {
  readonly name: string;
  readonly expr: Expression<string>;
  readonly for: string;
  readonly severity: 'critical' | 'warning';
  readonly summary: string;
  readonly description: string;
}

function alert({ name, expr, for: lasting, severity, summary, description }: Alert): Rule {
  return { alert: name, expr, for: lasting, labels: { severity }, annotations: { summary, description } };
}

const alerts: TemplatedList<AlertRule> = [
  alert({
    name: 'RelayerBackendDisconnected',
    expr: concat('relayer_backend_connected', ours, ' == 0'),
    for: '5m',
    severity: 'critical',
    summary: 'Relayer disconnected from backend',
    description: '{{ $labels.pod }} has been disconnected for 5 minutes; it queues what it accepts',
  }),
  alert({
    name: 'RelayerHighReconnectionRate',
    expr: concat('increase(relayer_reconnections_total', ours, '[1h]) > 10'),
    for: '10m',
    severity: 'warning',
    summary: 'High reconnection rate detected',
    description: '{{ $labels.pod }} reconnected more than 10 times in an hour',
  }),
  alert({
    name: 'RelayerQueueFilling',
    expr: concat('relayer_queue_bytes', ours, ' / relayer_queue_max_bytes', ours, ' > 0.8'),
    for: '5m',
    severity: 'warning',
    summary: 'Relayer queue is filling',
    description: 'The queue of {{ $labels.pod }} is more than 80 % full; when it is full, agents are told to retry',
  }),
  alert({
    name: 'RelayerDeadLetters',
    expr: concat('increase(relayer_dead_lettered_total', ours, '[15m]) > 0'),
    for: '0m',
    severity: 'warning',
    summary: 'The backend refuses telemetry for good',
    description: '{{ $labels.pod }} put telemetry aside that the backend refused; see its log and dead-letter file',
  }),
  alert({
    name: 'RelayerCircuitBreakerOpen',
    expr: concat('relayer_circuit_breaker_state', ours, ' == 2'),
    for: '15m',
    severity: 'warning',
    summary: 'Circuit breaker of the backend connection is open',
    description: '{{ $labels.pod }} has paused connecting for 15 minutes',
  }),
  alert({
    name: 'RelayerAbsent',
    expr: concat('absent(relayer_backend_connected', ours, ')'),
    for: '10m',
    severity: 'critical',
    summary: 'No relayer is seen',
    description: 'For 10 minutes no relayer of this release was scraped: none runs, or Prometheus can not reach them',
  }),
  onlyWhen(
    isConnector,
    alert({
      name: 'RelayerTunnelRestarting',
      expr: concat(
        'increase(kube_pod_container_status_restarts_total{container="cloudflared", namespace="',
        release.namespace,
        '", pod=~"',
        fullname,
        '-.+"}[15m]) > 3',
      ),
      for: '0m',
      severity: 'warning',
      summary: 'cloudflared keeps restarting',
      description:
        'cloudflared in {{ $labels.pod }} keeps restarting and makes the pod unready; check the tunnel token',
    }),
  ),
];

/** The README's alerts and some more, each for this release only. */
export const prometheusRule: TemplatedResource<PrometheusRule> = onlyWhen(settings.enabled, {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PrometheusRule',
  metadata: metadata({
    namespace: orDefault(settings.namespace, release.namespace),
    labels: settings.labels,
    annotations: settings.annotations,
  }),
  spec: {
    groups: [
      onlyWhen(isNotEmpty(settings.rules), { name: 'consonant-relayer.extra', rules: settings.rules }),
      { name: 'consonant-relayer', interval: '30s', rules: alerts },
    ],
  },
});
