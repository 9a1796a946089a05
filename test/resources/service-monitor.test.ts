import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { describe, expect, it } from 'vitest';
import { configurations, objectsOf } from './configurations.ts';
import { selects } from './connections.ts';
import { type KubeObject, all, byName, one, problems, render } from './render.ts';

const monitorOf = (serviceMonitor = {}, more = {}): KubeObject =>
  one(render({ serviceMonitor: { enabled: true, ...serviceMonitor }, ...more }), 'ServiceMonitor');

describe('the ServiceMonitor', () => {
  it('is made only when it is asked for', () => {
    expect(all(render(), 'ServiceMonitor')).toEqual([]);
  });

  it('scrapes the relayer and cloudflared', () => {
    expect(monitorOf().spec.endpoints).toEqual([
      { port: 'http', path: '/metrics', interval: '30s' },
      { port: 'cloudflared', path: '/metrics', interval: '30s' },
    ]);
    expect(monitorOf({}, { cloudflare: { enabled: false } }).spec.endpoints).toHaveLength(1);
    const closed = { cloudflare: { sidecar: { metrics: { enabled: false } } } };
    expect(monitorOf({}, closed).spec.endpoints).toHaveLength(1);
  });

  it.each(configurations)('of %s names ports of the one Service that it selects', (_, configuration) => {
    const objects = objectsOf(configuration);
    for (const { spec } of all(objects, 'ServiceMonitor')) {
      const services = all(objects, 'Service').filter(({ metadata }) => selects(spec.selector, metadata.labels));
      expect(services).toHaveLength(1);
      for (const { port } of spec.endpoints) expect(byName(services[0].spec.ports)[port]).toBeDefined();
      expect(spec.namespaceSelector.matchNames).toEqual([services[0].metadata.namespace]);
    }
  });

  it('takes timing, path and relabelings for both', () => {
    const settings = {
      interval: '1m',
      scrapeTimeout: '10s',
      relabelings: [{ targetLabel: 'cluster', replacement: 'east' }],
      metricRelabelings: [{ action: 'drop', regex: 'go_.*' }],
    };
    for (const endpoint of monitorOf(settings).spec.endpoints) expect(endpoint).toMatchObject(settings);
    const paths = monitorOf({ path: '/a' }, { cloudflare: { sidecar: { metrics: { path: '/b' } } } });
    expect(paths.spec.endpoints.map(({ path }: KubeObject) => path)).toEqual(['/a', '/b']);
  });

  it('can be in the namespace, and with the labels, that Prometheus looks for', () => {
    const { metadata, spec } = monitorOf({
      namespace: 'monitoring',
      labels: { prometheus: 'kube-prometheus' },
      annotations: { 'x/y': 'z' },
    });
    expect(metadata).toMatchObject({
      namespace: 'monitoring',
      labels: { prometheus: 'kube-prometheus' },
      annotations: { 'x/y': 'z' },
    });
    expect(spec.namespaceSelector.matchNames).toEqual(['relay']);
  });

  it.each([
    ['30s', '31s', false],
    ['1m', '60s', true],
    ['1h', '61m', false],
    ['90s', '1m', true],
  ])('with the interval %s takes the timeout %s: %s', (interval, scrapeTimeout, accepted) => {
    const found = problems({ serviceMonitor: { enabled: true, interval, scrapeTimeout } });
    expect(found).toEqual(accepted ? [] : ['`serviceMonitor.scrapeTimeout` must be at most `serviceMonitor.interval`']);
  });

  it("satisfies the operator's schema", () => {
    expect(() => new ServiceMonitor(monitorOf() as never).validate()).not.toThrow();
  });
});
