import { ApiObject, App, Chart } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { ConsonantRelayer, type ReleaseProps, type ValuesInput } from '../../src/index.ts';
import { documentsOf, leastValues, release } from './app.ts';

function add(chart: Chart, id: string, given: Partial<ReleaseProps> = {}, values: ValuesInput = leastValues): void {
  new ConsonantRelayer(chart, id, { values, release: { ...release, ...given } });
}

function identities(app: App): readonly string[] {
  return documentsOf(app).map((document) => {
    const { name, namespace } = document['metadata'] as { name: string; namespace: string };
    return [document['kind'], namespace, name].join('/');
  });
}

describe('two relayers in one app', () => {
  it('do not clash with two release names in one namespace', () => {
    const app = new App();
    const chart = new Chart(app, 'chart');
    add(chart, 'one', { name: 'one' });
    add(chart, 'two', { name: 'two' });
    const all = identities(app);
    expect(new Set(all).size).toBe(all.length);
  });

  it('do not clash with one release name in two namespaces', () => {
    const app = new App();
    const chart = new Chart(app, 'chart');
    add(chart, 'one', { namespace: 'one' });
    add(chart, 'two', { namespace: 'two' });
    const all = identities(app);
    expect(new Set(all).size).toBe(all.length);
  });

  it('are reported at synth when they would make the same objects', () => {
    const app = new App();
    const chart = new Chart(app, 'chart');
    add(chart, 'one');
    add(chart, 'two');
    expect(() => app.synthYaml()).toThrow(
      /\[chart\/one\] chart\/two makes objects of the same names \(ServiceAccount\/consonant\/relayer-consonant-relayer, .+ and \d+ more\): give one of the two another release.name or release.namespace/,
    );
    expect(() => app.synthYaml()).toThrow(/\[chart\/two\] chart\/one makes/);
  });

  it('are reported for a single object in common, such as a Secret in the namespace of the Agents', () => {
    const app = new App();
    const chart = new Chart(app, 'chart');
    const values: ValuesInput = {
      ...leastValues,
      llm: { apiKey: 'sk-...', model: 'x', modelConfig: { create: true, namespaces: ['agents'] } },
    };
    add(chart, 'one', { namespace: 'one' }, values);
    add(chart, 'two', { namespace: 'two' }, values);
    expect(() => app.synthYaml()).toThrow(
      /\(Secret\/agents\/relayer-consonant-relayer-llm, ModelConfig\/agents\/relayer-consonant-relayer\)/,
    );
  });

  it('are reported in two Charts for the same cluster, and not for two clusters', () => {
    const same = new App();
    add(new Chart(same, 'one'), 'relayer');
    add(new Chart(same, 'two'), 'relayer');
    expect(() => same.synthYaml()).toThrow(/one\/relayer makes objects of the same names/);

    const each = new App();
    add(new Chart(each, 'one'), 'relayer');
    add(new Chart(each, 'two'), 'relayer', {}, { ...leastValues, cluster: { name: 'test-2' } });
    expect(identities(each)).not.toEqual([]);
  });
});

describe('a relayer beside other objects', () => {
  const name = 'relayer-consonant-relayer';

  it('is reported when one of them has the same kind, name and namespace in the same Chart', () => {
    const app = new App();
    const chart = new Chart(app, 'chart');
    add(chart, 'relayer');
    new ApiObject(chart, 'own', { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'consonant' } });
    expect(() => app.synthYaml()).toThrow(
      `[chart/relayer] chart/own makes objects of the same names (Service/consonant/${name})`,
    );
  });

  it('is not reported when they differ in API group or namespace, or are in another Chart', () => {
    const app = new App();
    const chart = new Chart(app, 'chart');
    add(chart, 'relayer');
    const own = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'consonant' } };
    new ApiObject(chart, 'group', { ...own, apiVersion: 'serving.knative.dev/v1' });
    new ApiObject(chart, 'namespace', { ...own, metadata: { name, namespace: 'other' } });
    new ApiObject(new Chart(app, 'other'), 'own', own);
    expect(identities(app)).toContain(`Service/other/${name}`);
  });
});
