/** The law by the other ways in which values reach a chart. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeProblem } from '../../src/errors.ts';
import { renderObjects } from '../../src/manifest/definition.ts';
import { definition } from '../../src/resources/definition.ts';
import { type HelmVersion, helmVersions } from '../helm/binaries.ts';
import { differences } from '../helm/compare.ts';
import type { Json } from '../helm/json.ts';
import { scratchFolder } from '../helm/scratch.ts';
import { helmTemplate, type TemplateOptions } from '../helm/template.ts';
import { freshChart } from './chart.ts';

const release = { name: 'consonant-prod', namespace: 'consonant-system' };
const minimal = {
  cluster: { name: 'prod-1' },
  backend: { url: 'https://consonant.test' },
  cloudflare: { tunnelToken: 'eyJ' },
  llm: { apiKey: 'sk-' },
};
const kubeVersion = '1.30.0';

let chart = '';
beforeAll(() => {
  chart = freshChart();
});

type Given = Partial<Pick<TemplateOptions, 'values' | 'args' | 'kubeVersion' | 'chart' | 'release'>>;

/** Helm, told in some way, renders what the construct does for `values`. */
function expectSame(version: HelmVersion, given: Given, values: unknown, prefix?: string): void {
  const options = { version, chart, release, kubeVersion, ...given };
  const helm = helmTemplate(options);
  if (!helm.ok) throw new Error(helm.error);
  const ours = renderObjects(definition, values, {
    ...options.release,
    service: 'Helm',
    kubeVersion: `v${options.kubeVersion}`,
  });
  expect(ours.problems).toBeUndefined();
  const theirs = prefix === undefined ? helm.objects : helm.objects.filter((object) => !isParents(object));
  expect(differences(theirs, (ours.objects ?? []) as Json[])).toEqual([]);
}

function isParents(object: Json): boolean {
  return JSON.stringify(object).includes('"parents-own"');
}

/** A refusal on both sides that speaks of the same thing. */
function expectRefused(version: HelmVersion, given: Given, values: unknown, about: RegExp): void {
  const options = { version, chart, release, kubeVersion, ...given };
  const helm = helmTemplate(options);
  const ours = renderObjects(definition, values, { ...options.release, service: 'Helm', kubeVersion });
  expect(helm.ok ? 'rendered' : helm.error).toMatch(about);
  expect((ours.problems ?? []).map(describeProblem).join('\n')).toMatch(about);
}

/** A parent chart with ours as a dependency. */
function parentOf(dependency: string, values: unknown): string {
  const folder = scratchFolder('parent');
  mkdirSync(join(folder, 'charts'), { recursive: true });
  mkdirSync(join(folder, 'templates'));
  cpSync(chart, join(folder, 'charts/consonant-relayer'), { recursive: true });
  const lines = ['apiVersion: v2', 'name: parent', 'version: 1.2.3', 'dependencies:', `  - ${dependency}`];
  writeFileSync(join(folder, 'Chart.yaml'), lines.join('\n'));
  writeFileSync(join(folder, 'values.yaml'), JSON.stringify(values));
  const own = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: parents-own\n';
  writeFileSync(join(folder, 'templates/own.yaml'), own);
  return folder;
}

const dependency = (more = ''): string => `{ name: consonant-relayer, version: 1.0.0${more} }`;

describe.each(helmVersions)('Helm %s and the construct agree', (version) => {
  test('on --set: integers, booleans, lists, maps and text that looks like something else', () => {
    const sets = [
      'cluster.name=prod-1',
      'backend.url=https://consonant.test',
      'cloudflare.tunnelToken=eyJ',
      'llm.apiKey=sk-',
      'relayer.replicas=0',
      'relayer.queue.maxBytes=2000000000',
      'relayer.otel.maxRequestBytes=1000000',
      'relayer.queue.fsync=true',
      'podDisruptionBudget.minAvailable=0',
      'backend.reconnection.multiplier=3',
      'kagent.namespaces={a,b}',
      'networkPolicy.egress.kubernetesAPI.ports={443,16443}',
      'networkPolicy.egress.kubernetesAPI.enabled=false',
      'relayer.nodeSelector.disk=ssd',
    ];
    expectSame(
      version,
      { args: sets.flatMap((set) => ['--set', set]) },
      {
        ...minimal,
        relayer: {
          replicas: 0,
          queue: { maxBytes: 2e9, fsync: true },
          otel: { maxRequestBytes: 1e6 },
          nodeSelector: { disk: 'ssd' },
        },
        podDisruptionBudget: { minAvailable: 0 },
        backend: { ...minimal.backend, reconnection: { multiplier: 3 } },
        kagent: { namespaces: ['a', 'b'] },
        networkPolicy: { egress: { kubernetesAPI: { ports: [443, 16443], enabled: false } } },
      },
    );
  });

  test('on --set-string and --set-json', () => {
    const args = ['--set-string', 'relayer.podLabels.build=1e6', '--set-json', 'relayer.affinity={"podAffinity":{}}'];
    args.push('--set-json', 'backend.reconnection={"multiplier":1.5,"randomization":0.25}');
    args.push('--set-json', 'relayer.extraEnv=[{"name":"POD_NAME","value":"mine"}]');
    args.push('--set-json', 'cluster.metadata={"n":1000000,"f":1.50,"y":"no","deep":{"list":[1,null,"x"]}}');
    expectSame(
      version,
      { values: [minimal], args },
      {
        ...minimal,
        cluster: { ...minimal.cluster, metadata: { n: 1e6, f: 1.5, y: 'no', deep: { list: [1, null, 'x'] } } },
        backend: { ...minimal.backend, reconnection: { multiplier: 1.5, randomization: 0.25 } },
        relayer: {
          podLabels: { build: '1e6' },
          affinity: { podAffinity: {} },
          extraEnv: [{ name: 'POD_NAME', value: 'mine' }],
        },
      },
    );
  });

  test('on several values files, the later one over the earlier', () => {
    const first = { ...minimal, relayer: { replicas: 5, podLabels: { a: '1', b: '2' }, extraEnv: [{ name: 'A' }] } };
    const second = { relayer: { replicas: 1, podLabels: { b: '3' }, extraEnv: [{ name: 'B', value: 'x' }] } };
    expectSame(
      version,
      { values: [first, second] },
      {
        ...minimal,
        relayer: { replicas: 1, podLabels: { a: '1', b: '3' }, extraEnv: [{ name: 'B', value: 'x' }] },
      },
    );
  });

  test('on nulls: free maps, lists, optional texts, and keys of a default map', () => {
    const values = {
      ...minimal,
      cluster: { ...minimal.cluster, region: null, metadata: null },
      nameOverride: null,
      commonLabels: null,
      kagent: { namespaces: null, podSelectors: null },
      relayer: {
        resources: { limits: null },
        podSecurityContext: { runAsUser: null, runAsGroup: null, fsGroup: null },
        securityContext: null,
        extraEnv: null,
        affinity: null,
        image: { tag: null, digest: null },
      },
      networkPolicy: { ingress: { monitoring: null } },
    };
    expectSame(version, { values: [values] }, values);
  });

  test.each([
    ['a scalar', { relayer: { replicas: null } }, /relayer\.replicas/],
    ['a section', { relayer: null }, /`relayer` is missing/],
    ['a deep section', { backend: { ...minimal.backend, reconnection: null } }, /`backend.reconnection` is missing/],
    ['an enumeration', { llm: { apiKey: 'sk-', provider: null } }, /llm\.provider/],
    ['a required key', { cluster: { name: null } }, /name/],
    ['global', { global: null }, /global/],
  ])('on refusing null for %s, and name it', (_, change, about) => {
    expectRefused(version, { values: [{ ...minimal, ...change }] }, { ...minimal, ...change }, about);
  });

  test.each(['1.24.0', '1.26.5', '1.27.0', '1.35.0'])('for Kubernetes %s', (kube) => {
    const given = { values: [minimal], kubeVersion: kube };
    expectSame(version, given, minimal);
  });

  test('for Kubernetes 1.24 no field is newer than that', () => {
    const helm = helmTemplate({ version, chart, release, values: [minimal], kubeVersion: '1.24.0' });
    expect(helm.ok && helm.text).not.toContain('unhealthyPodEvictionPolicy');
  });

  test('as a subchart, with values under its name', () => {
    const folder = parentOf(dependency(), { 'consonant-relayer': minimal });
    expectSame(version, { chart: folder }, minimal, 'parent');
  });

  test('as a subchart under an alias', () => {
    const folder = parentOf(dependency(', alias: telemetry'), { telemetry: minimal });
    expectSame(version, { chart: folder }, minimal, 'parent');
  });

  test('as a subchart that gets `global` from its parent', () => {
    const global = { imageRegistry: 'registry.test', imagePullSecrets: [{ name: 'pull' }], parentsOwn: { x: 1 } };
    const folder = parentOf(dependency(), { global, 'consonant-relayer': minimal });
    expectSame(version, { chart: folder }, { ...minimal, global }, 'parent');
  });

  test('as a subchart with a condition: on, and off', () => {
    const folder = parentOf(dependency(', condition: consonant-relayer.enabled'), {
      'consonant-relayer': { ...minimal, enabled: true },
    });
    expectSame(version, { chart: folder }, { ...minimal, enabled: true }, 'parent');
    const off = helmTemplate({ version, chart: folder, release, args: ['--set', 'consonant-relayer.enabled=false'] });
    expect(off.ok && off.objects.filter((object) => !isParents(object))).toEqual([]);
  });

  test('on nulls given by a parent chart', () => {
    const values = { ...minimal, relayer: { resources: { limits: null }, podSecurityContext: { runAsUser: null } } };
    const folder = parentOf(dependency(), {});
    expectSame(version, { chart: folder, values: [{ 'consonant-relayer': values }] }, values, 'parent');
  });

  test.each(['a.b', '1st', 'release-name-that-is-so-long-that-its-name-ends-in-a'])(
    'on a release that is called %s',
    (name) => {
      const given = { values: [minimal], release: { name, namespace: 'n' } };
      if (/^[a-z][a-z0-9-]*$/.test(name)) expectSame(version, given, minimal);
      else expectRefused(version, given, minimal, /fullnameOverride/);
    },
  );

  test('on values that were reused from an older chart, and say what to do', () => {
    const helm = helmTemplate({
      version,
      chart,
      release,
      values: [minimal],
      // What --reuse-values leaves out when the older chart did not have these keys.
      args: ['--set', 'relayer.queue=null', '--set', 'prometheusRule.enabled=null'],
    });
    expect(helm.ok ? '' : helm.error).toContain('--reset-then-reuse-values');
  });
});

describe.each(helmVersions)('Helm %s without its schema', (version) => {
  const refusalOf = (values: object): string => {
    const helm = helmTemplate({ version, chart, release, values: [values], args: ['--skip-schema-validation'] });
    return helm.ok ? 'rendered' : helm.error;
  };

  test('renders what it would with it', () => {
    expectSame(version, { values: [minimal], args: ['--skip-schema-validation'] }, minimal);
  });

  test('still enforces the rules', () => {
    expect(refusalOf({ ...minimal, podDisruptionBudget: { minAvailable: 1, maxUnavailable: 1 } })).toContain(
      'set only one of `podDisruptionBudget.minAvailable` and `podDisruptionBudget.maxUnavailable`',
    );
  });

  test('still asks for required keys, all at once', () => {
    const refusal = refusalOf({});
    expect(refusal).toContain('`cluster.name` is required');
    expect(refusal).toContain('`backend.url` is required');
  });

  test.each([
    ['a text for a section', { relayer: 'x' }, '`relayer` must be a map'],
    ['a list for a section', { relayer: [] }, '`relayer` must be a map'],
    ['a text for a free map', { relayer: { affinity: 'x' } }, '`relayer.affinity` must be a map'],
    ['a map for a list', { relayer: { extraEnv: {} } }, '`relayer.extraEnv` must be a list'],
    ['a text for an integer', { relayer: { replicas: 'three' } }, '`relayer.replicas` must be an integer'],
    ['a number for a text', { nameOverride: 5 }, '`nameOverride` must be a text'],
    ['a text for a boolean', { tests: { enabled: 'false' } }, '`tests.enabled` must be a boolean'],
    ['a fraction for an integer', { relayer: { replicas: 1.5 } }, '`relayer.replicas` must be an integer'],
    [
      'maps in a list of ranges',
      { networkPolicy: { egress: { backend: { cidrs: [{ a: 1 }] } } } },
      'cidrs[0]` must be an IPv4',
    ],
    [
      'a map for a union',
      { podDisruptionBudget: { minAvailable: {} } },
      '`podDisruptionBudget.minAvailable` must be a single value',
    ],
  ])('refuses %s', (_, change, message) => {
    expect(refusalOf({ ...minimal, ...change })).toContain(message);
  });
});
