import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { describe, expect, it } from 'vitest';
import { unknownMetrics } from './metrics.ts';
import { type KubeObject, all, fullname, one, render } from './render.ts';

const ruleOf = (prometheusRule = {}): KubeObject =>
  one(render({ prometheusRule: { enabled: true, ...prometheusRule } }), 'PrometheusRule');
const alerts: readonly KubeObject[] = ruleOf().spec.groups[0].rules;
const ours = `{namespace="relay", job="${fullname}"}`;

describe('the PrometheusRule', () => {
  it('is made only when it is asked for', () => {
    expect(all(render(), 'PrometheusRule')).toEqual([]);
  });

  it('has the alerts of the README, the corrected one among them', () => {
    const byAlert = Object.fromEntries(alerts.map((alert) => [alert.alert, alert]));
    expect(byAlert['RelayerBackendDisconnected']).toMatchObject({
      expr: `relayer_backend_connected${ours} == 0`,
      for: '5m',
      labels: { severity: 'critical' },
      annotations: { summary: 'Relayer disconnected from backend' },
    });
    expect(byAlert['RelayerHighReconnectionRate']).toMatchObject({
      expr: `increase(relayer_reconnections_total${ours}[1h]) > 10`,
      labels: { severity: 'warning' },
      annotations: { summary: 'High reconnection rate detected' },
    });
    expect(byAlert['RelayerCircuitBreakerOpen'].expr).toBe(`relayer_circuit_breaker_state${ours} == 2`);
  });

  it('warns of a sidecar that keeps restarting, since it makes the pod unready', () => {
    expect(alerts.at(-1)).toMatchObject({ alert: 'RelayerTunnelRestarting' });
    expect(alerts.at(-1)?.expr).toContain(`container="cloudflared", namespace="relay", pod=~"${fullname}-.+"`);
  });

  it('does not watch a sidecar that is not there', () => {
    const values = { prometheusRule: { enabled: true }, cloudflare: { enabled: false } };
    const rules: readonly KubeObject[] = one(render(values), 'PrometheusRule').spec.groups[0].rules;
    expect(rules.map(({ alert }) => alert)).toEqual(alerts.slice(0, -1).map(({ alert }) => alert));
  });

  it.each(alerts.map((alert) => [alert.alert, alert]))('%s asks for known metrics of this release only', (_, alert) => {
    expect(unknownMetrics(alert.expr)).toEqual([]);
    expect(alert.expr.match(/namespace="relay"/g)?.length).toBe(alert.expr.match(/\b\w+\{/g)?.length);
    // A pod that is not there has no name.
    expect(alert.annotations.description.includes('{{ $labels.pod }}')).toBe(!alert.expr.startsWith('absent('));
    expect(alert.labels.severity).toMatch(/^(critical|warning)$/);
  });

  it('takes more rules, in a group of their own', () => {
    const rules = [{ alert: 'Mine', expr: 'vector(1)', annotations: { text: '{{ $labels.pod }} {{ .Values }}' } }];
    const { groups } = ruleOf({ rules }).spec;
    expect(groups.map(({ name }: KubeObject) => name)).toEqual(['consonant-relayer.extra', 'consonant-relayer']);
    expect(groups[0].rules).toEqual(rules);
  });

  it('can be in the namespace, and with the labels, that Prometheus looks for', () => {
    const settings = { labels: { role: 'alerts' }, namespace: 'monitoring', annotations: { 'x/y': 'z' } };
    expect(ruleOf(settings).metadata).toMatchObject(settings);
  });

  it("satisfies the operator's schema", () => {
    expect(() => new PrometheusRule(ruleOf({ rules: [{ record: 'a', expr: 1 }] }) as never).validate()).not.toThrow();
  });
});
