import { describe, expect, it } from 'vitest';
import { unknownMetrics } from './metrics.ts';
import { type KubeObject, all, one, render } from './render.ts';

const configMap = (dashboard = {}): KubeObject =>
  one(render({ dashboard: { enabled: true, ...dashboard } }), 'ConfigMap', '-dashboard');
const model: KubeObject = JSON.parse(configMap().data['consonant-relayer.json']);

describe('the dashboard', () => {
  it('is made only when it is asked for', () => {
    expect(all(render(), 'ConfigMap', '-dashboard')).toEqual([]);
  });

  it("is found by Grafana's sidecar, by our label or the user's", () => {
    expect(configMap().metadata.labels['grafana_dashboard']).toBe('1');
    const { labels, annotations } = configMap({
      labels: { grafana_dashboard: null, dash: 'yes' },
      annotations: { folder: 'AI' },
    }).metadata;
    expect(labels).toMatchObject({ dash: 'yes' });
    expect(labels).not.toHaveProperty('grafana_dashboard');
    expect(annotations).toEqual({ folder: 'AI' });
  });

  it('has panels that do not overlap, each with a title and a query', () => {
    const places = model.panels.map(({ gridPos }: KubeObject) => `${gridPos.x},${gridPos.y}`);
    expect(new Set(places).size).toBe(model.panels.length);
    expect(new Set(model.panels.map(({ id }: KubeObject) => id)).size).toBe(model.panels.length);
    for (const { title, targets } of model.panels) {
      expect(title).toMatch(/\w/);
      expect(targets.length).toBeGreaterThan(0);
      expect(new Set(targets.map(({ refId }: KubeObject) => refId)).size).toBe(targets.length);
    }
  });

  it('asks for known metrics, of the release that is chosen', () => {
    for (const { expr } of model.panels.flatMap(({ targets }: KubeObject) => targets)) {
      expect(unknownMetrics(expr)).toEqual([]);
      expect(expr).toContain('{namespace="$namespace", job="$job"}');
    }
    const names = model.templating.list.map(({ name }: KubeObject) => name);
    expect(names).toEqual(['datasource', 'namespace', 'job']);
    for (const { query } of model.templating.list.slice(1)) expect(query.query).toContain('relayer_backend_connected');
  });
});
