import { onlyWhen, text } from '../expression/build.ts';
import type { ConfigMap } from '../kubernetes/types.ts';
import { values } from '../values/references.ts';
import { metadata } from './names.ts';
import type { TemplatedResource } from './resource.ts';

const { dashboard: settings } = values;

interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
}

/** `$namespace` and `$job` are the dashboard's variables. */
const selector = '{namespace="$namespace", job="$job"}';
const perSecond = (metric: string, by: string): string =>
  `sum by (${by}) (rate(${metric}${selector}[$__rate_interval]))`;

const panels: readonly Panel[] = [
  {
    title: 'Connected to the backend',
    unit: 'short',
    queries: [{ expr: `relayer_backend_connected${selector}`, legend: '{{pod}}' }],
  },
  {
    title: 'Items received and forwarded a second',
    unit: 'cps',
    queries: [
      { expr: perSecond('relayer_otel_received_total', 'signal'), legend: 'received {{signal}}' },
      { expr: perSecond('relayer_otel_forwarded_total', 'signal'), legend: 'forwarded {{signal}}' },
    ],
  },
  {
    title: 'Queue',
    unit: 'bytes',
    queries: [
      { expr: `relayer_queue_bytes${selector}`, legend: '{{pod}}' },
      { expr: `max(relayer_queue_max_bytes${selector})`, legend: 'limit' },
    ],
  },
  {
    title: 'Age of the oldest queued telemetry',
    unit: 's',
    queries: [{ expr: `relayer_queue_oldest_age_seconds${selector}`, legend: '{{pod}}' }],
  },
  {
    title: 'Refused, damaged and dead-lettered items a second',
    unit: 'cps',
    queries: [
      { expr: perSecond('relayer_otel_refused_total', 'reason'), legend: 'refused: {{reason}}' },
      { expr: perSecond('relayer_queue_damaged_records_total', 'pod'), legend: 'damaged {{pod}}' },
      { expr: perSecond('relayer_dead_lettered_total', 'pod'), legend: 'dead-lettered {{pod}}' },
    ],
  },
  {
    title: 'Reconnections an hour and circuit breaker (2 = open)',
    unit: 'short',
    queries: [
      { expr: `increase(relayer_reconnections_total${selector}[1h])`, legend: 'reconnections {{pod}}' },
      { expr: `relayer_circuit_breaker_state${selector}`, legend: 'breaker {{pod}}' },
    ],
  },
];

const datasource = { type: 'prometheus', uid: '${datasource}' };

function panelOf({ title, unit, queries }: Panel, index: number): unknown {
  return {
    id: index + 1,
    title,
    type: 'timeseries',
    datasource,
    gridPos: { h: 8, w: 12, x: (index % 2) * 12, y: Math.floor(index / 2) * 8 },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(({ expr, legend }, i) => ({ refId: String.fromCharCode(65 + i), expr, legendFormat: legend })),
  };
}

function variable(name: string, label: string, query: string): unknown {
  return { name, label, type: 'query', datasource, query: { query, refId: name }, refresh: 2 };
}

const dashboardJson = {
  title: 'Consonant Relayer',
  uid: 'consonant-relayer',
  tags: ['consonant', 'opentelemetry'],
  schemaVersion: 39,
  editable: true,
  refresh: '30s',
  time: { from: 'now-6h', to: 'now' },
  templating: {
    list: [
      { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
      variable('namespace', 'Namespace', 'label_values(relayer_backend_connected, namespace)'),
      variable('job', 'Release', 'label_values(relayer_backend_connected{namespace="$namespace"}, job)'),
    ],
  },
  panels: panels.map(panelOf),
};

/** A Grafana dashboard for all relayers of a Grafana; found by its label. */
export const dashboard: TemplatedResource<ConfigMap> = onlyWhen(settings.enabled, {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata({ suffix: '-dashboard', labels: settings.labels, annotations: settings.annotations }),
  data: { 'consonant-relayer.json': text(...JSON.stringify(dashboardJson, null, 2).split('\n')) },
});
