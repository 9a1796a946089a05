import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { App, ApiObject, Chart, JsonPatch, Testing } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { ChartError, ConsonantRelayer, type ValuesInput } from '../../src/index.ts';
import { renderObjects } from '../../src/manifest/definition.ts';
import { definition } from '../../src/resources/definition.ts';
import { documentsOf, leastValues, newChart, newRelayer, readExample, release, withoutNulls } from './app.ts';

const examples = readdirSync(join(import.meta.dirname, 'examples'));
const chartOptions = { ...release, service: 'cdk8s', kubeVersion: '1.28' };

function rendered(values: ValuesInput) {
  const { objects } = renderObjects(definition, values, chartOptions);
  return (objects ?? []).map(withoutNulls);
}

describe('the objects in a cdk8s app', () => {
  it.each(examples)('are those of the chart, in the same order, for %s', (file) => {
    const values = readExample(file);
    const relayer = newRelayer(values);
    expect(rendered(values).length).toBeGreaterThan(5);
    expect(Testing.synth(Chart.of(relayer))).toEqual(rendered(values));
    expect(documentsOf(App.of(relayer))).toEqual(rendered(values));
  });

  it("are those of the chart where the user's own values are null, look like YAML or hold templates", () => {
    const values: ValuesInput = {
      ...leastValues,
      commonAnnotations: {
        'example.com/a': '12:30:45',
        'example.com/b': '{{ .Values }}',
        'example.com/c': '---\nno: "x"',
      },
      relayer: {
        podSecurityContext: { runAsUser: null, fsGroup: null },
        extraEnv: [
          { name: 'Y', value: 'no' },
          { name: 'EMPTY', value: '' },
        ],
      },
      extraObjects: [
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'own' },
          data: { y: '1e6', n: '' },
          empty: {},
          list: [],
        },
      ],
    };
    expect(documentsOf(App.of(newRelayer(values)))).toEqual(rendered(values));
  });

  it("keep Helm's annotations", () => {
    const job = newRelayer().find('Job', '-register');
    expect(job?.metadata.toJson().annotations).toMatchObject({ 'helm.sh/hook': 'pre-install,pre-upgrade' });
  });

  it('have no hook when the relayer registers itself and no test is wanted', () => {
    const relayer = newRelayer({ ...leastValues, registration: { mode: 'startup' }, tests: { enabled: false } });
    expect(JSON.stringify(Testing.synth(Chart.of(relayer)))).not.toContain('helm.sh/hook');
  });

  it('have ids that name them', () => {
    const ids = newRelayer().objects.map((object) => object.node.id);
    expect(ids).toContain('Deployment-consonant-relayer-consonant-relayer');
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('may have the same kind and name in two API groups', () => {
    const extraObjects = ['v1', 'serving.knative.dev/v1'].map((apiVersion) => ({
      apiVersion,
      kind: 'Service',
      metadata: { name: 'own', namespace: 'own' },
    }));
    expect(newRelayer({ ...leastValues, extraObjects }).objects.filter(({ name }) => name === 'own')).toHaveLength(2);
  });

  it('can be changed by JSON patches and by metadata, each alone', () => {
    const relayer = newRelayer({ ...leastValues, commonAnnotations: { 'example.com/team': 'a' } });
    relayer.workload.addJsonPatch(JsonPatch.replace('/spec/replicas', 7));
    relayer.service.metadata.addAnnotation('example.com/only', 'here');
    const synthesised = JSON.stringify(Testing.synth(Chart.of(relayer)));
    expect(synthesised).toContain('"replicas":7');
    expect(synthesised.split('example.com/only')).toHaveLength(2);
  });

  it('have the labels of their cdk8s Chart too, and keep their own', () => {
    const chart = newChart({ labels: { team: 'a', 'app.kubernetes.io/managed-by': 'other' } });
    const labels = newRelayer(leastValues, chart).objects.map((object) => object.metadata.toJson().labels);
    for (const label of labels) expect(label).toMatchObject({ team: 'a', 'app.kubernetes.io/managed-by': 'cdk8s' });
    expect(newRelayer().workload.toJson().spec.template.metadata.labels).not.toHaveProperty('team');
  });

  it("are in the release's namespace, whatever that of their cdk8s Chart", () => {
    const extraObjects = [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'own' } }];
    const inChart = (namespace?: string): ConsonantRelayer => {
      return newRelayer({ ...leastValues, extraObjects }, newChart(namespace === undefined ? {} : { namespace }));
    };
    for (const object of inChart('elsewhere').objects) expect(object.metadata.namespace).toBe('consonant');
    expect(inChart().objects.at(-1)?.toJson().metadata).toEqual({ name: 'own' });
  });

  it('come after what the construct depends on, and before what depends on it', () => {
    const chart = newChart();
    const after = new ApiObject(chart, 'after', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'after' } });
    const relayer = newRelayer(leastValues, chart);
    const before = new ApiObject(chart, 'before', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'consonant' },
    });
    relayer.addDependency(before);
    after.addDependency(relayer);
    const names = documentsOf(App.of(chart)).map((document) => (document['metadata'] as { name: string }).name);
    expect(names[0]).toBe('consonant');
    expect(names.at(-1)).toBe('after');
  });
});

describe('what the construct tells', () => {
  it('is the names, ports and addresses of its objects', () => {
    const relayer = newRelayer({
      ...leastValues,
      relayer: { otel: { grpcPort: 14317, httpPort: 14318 }, health: { port: 18080 } },
    });
    expect(relayer).toMatchObject({
      name: 'relayer-consonant-relayer',
      namespace: 'consonant',
      ports: { otlpGrpc: 14317, otlpHttp: 14318, http: 18080 },
      serviceHost: 'relayer-consonant-relayer.consonant.svc',
      otlpGrpcEndpoint: 'http://relayer-consonant-relayer.consonant.svc:14317',
      otlpHttpEndpoint: 'http://relayer-consonant-relayer.consonant.svc:14318',
      serviceAccountName: 'relayer-consonant-relayer',
      credentialsSecretName: 'relayer-consonant-relayer-cluster',
      agentNamespaces: ['kagent', 'consonant'],
    });
    const service = relayer.service.toJson();
    expect(service.metadata.name).toBe(relayer.name);
    expect(service.spec.selector).toEqual(relayer.selectorLabels);
    expect(service.spec.ports.map(({ port }: { port: number }) => port)).toEqual(Object.values(relayer.ports));
    expect(relayer.configMap.toJson().data.OTLP_GRPC_PORT).toBe('14317');
  });

  it('follows overrides of names and existing Secrets', () => {
    const relayer = newRelayer({
      ...leastValues,
      fullnameOverride: 'own',
      serviceAccount: { create: false },
      backend: { url: 'https://backend.example.com', credentials: { existingSecret: 'known' } },
    });
    expect(relayer).toMatchObject({ name: 'own', serviceAccountName: 'default', credentialsSecretName: 'known' });
    expect(relayer.find('ServiceAccount')).toBeUndefined();
  });

  it('is the StatefulSet where the queue is persistent', () => {
    expect(newRelayer().workload.kind).toBe('Deployment');
    const persistent = newRelayer({ ...leastValues, relayer: { queue: { persistence: { enabled: true } } } });
    expect(persistent.workload.kind).toBe('StatefulSet');
    expect(persistent.service.name).toBe(persistent.name);
    expect(persistent.find('Service', '-headless')?.toJson().spec.clusterIP).toBe('None');
  });
});

describe("values and releases that can't be used", () => {
  function refusalOf(props: unknown, chart = newChart()): ChartError {
    try {
      return new ConsonantRelayer(chart, 'relayer', props as never) as never;
    } catch (error) {
      return error as ChartError;
    }
  }
  const pathsOf = (props: unknown): readonly string[] => refusalOf(props).problems.map(({ path }) => path);

  it('are refused by an error that lists the problems and leaves nothing in the Chart', () => {
    const chart = newChart();
    const refusal = refusalOf({ values: leastValues, release: { name: 'No', namespace: 'No' } }, chart);
    expect(refusal).toBeInstanceOf(ChartError);
    expect(refusal.code).toBe('invalid-values');
    expect(refusal.message.split('\n')).toEqual([
      "chart/relayer: these values can't be used:",
      expect.stringMatching(/^- `release\.name` must be at most 53 lower-case letters/),
      expect.stringMatching(/^- `release\.namespace` must be at most 63 lower-case letters/),
    ]);
    expect(chart.node.children).toEqual([]);
    expect(newRelayer(leastValues, chart).node.id).toBe('relayer');
  });

  it('are refused with every problem at once, those of the release too', () => {
    const values = {
      cluster: { name: 'X', colour: 'red' },
      backend: {},
      relayer: { replicas: '3', otel: { grpcPort: 0 } },
      networkPolicy: { egress: { allowHTTPS: { destinations: ['10.0.0.0'] } } },
    };
    expect(pathsOf({ values, release: { name: 'No', nameSpace: 'x', kubeVersion: '1.2' } })).toEqual(
      [
        'release.name',
        'release.namespace',
        'release.kubeVersion',
        'release.nameSpace',
        'cluster.name',
        'cluster.colour',
        'backend.url',
        'relayer.replicas',
        'relayer.otel.grpcPort',
        'networkPolicy.egress.allowHTTPS.destinations[0]',
      ].map((path) => expect.stringContaining(path) as string),
    );
  });

  it('are refused when they are missing', () => {
    expect(pathsOf({})).toEqual(['release', 'cluster.name', 'backend.url']);
    expect(pathsOf({ values: null, release: null })).toEqual(['release', 'cluster.name', 'backend.url']);
    expect(pathsOf({ values: leastValues, release: {} })).toEqual(['release.name', 'release.namespace']);
  });

  it('are refused when a rule across keys is broken, and the message names the keys', () => {
    const values = { ...leastValues, cloudflare: { enabled: true }, llm: {} };
    expect(() => newRelayer(values)).toThrow(/`cloudflare\.tunnelToken` is required[^]*`llm\.apiKey` is required/);
  });

  it('never show a value, which may be secret', () => {
    const values = {
      ...leastValues,
      cloudflare: { tunnelToken: 'geheim-1' },
      secrets: { kubernetes: { tunnelToken: 'geheim-2' } },
    };
    expect(() => newRelayer(values)).toThrow(ChartError);
    expect(() => newRelayer(values)).not.toThrow(/geheim/);
  });
});
