import { z } from 'zod';
import { boolean, formatted, optional } from './fields.ts';
import { formats } from './formats.ts';
import { annotations, labels, openMapsOf } from './fragments.ts';

/** A relabeling of the Prometheus Operator. */
export interface Relabeling {
  readonly sourceLabels?: readonly string[];
  readonly separator?: string;
  readonly targetLabel?: string;
  readonly regex?: string;
  readonly modulus?: number;
  readonly replacement?: string;
  readonly action?: string;
}

/** An alert or a recorded series of the Prometheus Operator. */
export interface PrometheusRuleItem {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string | number;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const namespace = (what: string) => optional(formats.dnsLabel, `Namespace of the ${what}. Empty: that of the release`);

export const ServiceMonitor = z
  .strictObject({
    enabled: boolean(false, 'Create a ServiceMonitor for the Prometheus Operator'),
    namespace: namespace('ServiceMonitor'),
    labels: labels('Labels that your Prometheus selects ServiceMonitors by'),
    annotations: annotations('Annotations of the ServiceMonitor'),
    interval: formatted(formats.duration, '30s', 'Time between two scrapes such as 30s or 1m'),
    scrapeTimeout: optional(
      formats.duration,
      "Time a scrape may take such as 10s, at most the interval. Empty: Prometheus' default",
    ),
    path: formatted(formats.httpPath, '/metrics', 'Path that is scraped'),
    relabelings: openMapsOf<Relabeling>([], 'Relabelings of the targets'),
    metricRelabelings: openMapsOf<Relabeling>([], 'Relabelings of the samples'),
  })
  .prefault({})
  .describe('Scraping by the Prometheus Operator');

export const PrometheusRule = z
  .strictObject({
    enabled: boolean(false, 'Create a PrometheusRule with alerts for the Prometheus Operator'),
    namespace: namespace('PrometheusRule'),
    labels: labels('Labels that your Prometheus selects PrometheusRules by'),
    annotations: annotations('Annotations of the PrometheusRule'),
    rules: openMapsOf<PrometheusRuleItem>([], 'More rules, in a group of their own'),
  })
  .prefault({})
  .describe('Alerts');

export const Dashboard = z
  .strictObject({
    enabled: boolean(false, 'Create a ConfigMap with a Grafana dashboard'),
    labels: labels("Labels that Grafana's sidecar finds dashboards by", { grafana_dashboard: '1' }),
    annotations: annotations('Annotations of the ConfigMap such as the folder in Grafana'),
  })
  .prefault({})
  .describe('Grafana dashboard');
