import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExternalSecret } from '@kubernetes-models/external-secrets/external-secrets.io/v1';
import { PrometheusRule, ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { ExternalSecretProps } from '../imports/types/external-secrets.io.d.ts';
import type { ModelConfigProps } from '../imports/types/kagent.dev.d.ts';
import type { PrometheusRuleProps, ServiceMonitorProps } from '../imports/types/monitoring.coreos.com.d.ts';

const root = join(import.meta.dirname, '..');
const definitions = join(root, 'imports', 'crds');

describe('the committed imports', () => {
  it('are what a fresh import writes', () => {
    const { status, stderr } = importFromDefinitions('--check');
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('compile', () => {
    const args = [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'imports')];
    expect(spawnSync(process.execPath, args).status).toBe(0);
  });

  describe('when one was edited, one is missing and one is left over', () => {
    let copy: string;
    beforeAll(() => {
      copy = mkdtempSync(join(tmpdir(), 'imports-test-'));
      cpSync(join(root, 'imports'), copy, { recursive: true });
      writeFileSync(join(copy, 'kagent.dev.ts'), '// edited\n');
      rmSync(join(copy, 'types', 'kagent.dev.d.ts'));
      writeFileSync(join(copy, 'gone.example.ts'), '// left over\n');
    });
    afterAll(() => rmSync(copy, { recursive: true }));

    it('are refused by the check, with their names, and set right by an import', () => {
      const refused = importFromDefinitions('--check', '--into', copy);
      expect(refused.status).toBe(1);
      const [, ...names] = refused.stderr.trimEnd().split('\n');
      expect(names).toEqual([
        expect.stringMatching(/gone\.example\.ts$/),
        expect.stringMatching(/kagent\.dev\.ts$/),
        expect.stringMatching(/types\/kagent\.dev\.d\.ts$/),
      ]);

      expect(importFromDefinitions('--into', copy).status).toBe(0);
      expect(importFromDefinitions('--check', '--into', copy).status).toBe(0);
    });
  });
});

describe('the definitions', () => {
  const monitor: ServiceMonitorProps = {
    spec: {
      selector: { matchLabels: { 'app.kubernetes.io/component': 'relayer' } },
      namespaceSelector: { matchNames: ['relay'] },
      jobLabel: 'app.kubernetes.io/name',
      targetLabels: ['team'],
      endpoints: [
        {
          port: 'health',
          path: '/metrics',
          interval: '1m30s',
          scrapeTimeout: '10s',
          relabelings: [{ sourceLabels: ['__meta_kubernetes_pod_node_name'], targetLabel: 'node', action: 'replace' }],
          metricRelabelings: [{ sourceLabels: ['__name__'], separator: ';', regex: 'go_.*', action: 'drop' }],
        },
      ],
    },
  };
  const rule: PrometheusRuleProps = {
    spec: {
      groups: [
        {
          name: 'relayer',
          interval: '30s',
          rules: [
            {
              alert: 'Down',
              expr: 'up == 0',
              for: '5m',
              labels: { severity: 'critical' },
              annotations: { summary: '' },
            },
            { record: 'one', expr: 1 },
          ],
        },
      ],
    },
  };
  const secret: ExternalSecretProps = {
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { name: 'vault', kind: 'ClusterSecretStore' },
      target: {
        name: 'tunnel',
        creationPolicy: 'Owner',
        deletionPolicy: 'Retain',
        template: { type: 'Opaque', metadata: { labels: { a: 'b' }, annotations: { c: 'd' } } },
      },
      data: [{ secretKey: 'tunnelToken', remoteRef: { key: 'secret/tunnel', property: 'token', version: '1' } }],
    },
  };
  const model: ModelConfigProps = {
    spec: {
      model: 'gpt-4o',
      provider: 'AzureOpenAI',
      apiKeySecret: 'llm',
      apiKeySecretKey: 'apiKey',
      azureOpenAI: {
        azureEndpoint: 'https://example.openai.azure.com',
        apiVersion: '2024-10-21',
        azureDeployment: 'x',
      },
    },
  };

  it.each([
    ['servicemonitors.monitoring.coreos.com', monitor],
    ['prometheusrules.monitoring.coreos.com', rule],
    ['externalsecrets.external-secrets.io', secret],
    ['modelconfigs.kagent.dev', model],
  ])('%s accepts what it is for and describes every field', (name, sample) => {
    expect(strictSchema(name).safeParse(sample).error).toBeUndefined();
    expect(undescribed(namedSchema(name))).toEqual([]);
  });

  it.each(['monitoring.coreos.com', 'external-secrets.io', 'kagent.dev'])(
    'give the types of %s their names',
    (group) => {
      const types = readFileSync(join(root, 'imports', 'types', `${group}.d.ts`), 'utf8');
      const typed = [...types.matchAll(/^ {4}readonly ([^?:]+)/gm)].map(([, name]) => name);
      const defined = fileDefinitions(`${group}.yaml`).flatMap((one) => fields(schemaOf(one)).map(([name]) => name));
      expect(new Set([...typed, 'apiVersion', 'kind'])).toEqual(new Set(defined));
    },
  );

  it('agree with the published schemas', () => {
    expect(() => new ServiceMonitor({ spec: monitor.spec as never }).validate()).not.toThrow();
    expect(() => new PrometheusRule({ spec: rule.spec }).validate()).not.toThrow();
    expect(() => new ExternalSecret({ spec: secret.spec }).validate()).not.toThrow();
  });

  it.each<[string, string, unknown]>([
    ['a misspelt key', 'servicemonitors.monitoring.coreos.com', { ...monitor.spec, endpoint: [] }],
    ['a port number', 'servicemonitors.monitoring.coreos.com', { ...monitor.spec, endpoints: [{ port: 8080 }] }],
    ['no endpoint', 'servicemonitors.monitoring.coreos.com', { ...monitor.spec, endpoints: [] }],
    ['no unit', 'servicemonitors.monitoring.coreos.com', { selector: {}, endpoints: [{ port: 'a', interval: '30' }] }],
    ['no expression', 'prometheusrules.monitoring.coreos.com', { groups: [{ name: 'g', rules: [{ alert: 'A' }] }] }],
    ['a boolean', 'prometheusrules.monitoring.coreos.com', { groups: [{ name: 'g', rules: [{ expr: true }] }] }],
    [
      'another kind',
      'externalsecrets.external-secrets.io',
      { ...secret.spec, secretStoreRef: { name: 'a', kind: 'B' } },
    ],
    ['no store', 'externalsecrets.external-secrets.io', { target: secret.spec.target, data: secret.spec.data }],
    ['another provider', 'modelconfigs.kagent.dev', { model: 'm', provider: 'openai' }],
    ['no endpoint', 'modelconfigs.kagent.dev', { ...model.spec, azureOpenAI: { apiVersion: '1' } }],
    ['a temperature that is a number', 'modelconfigs.kagent.dev', { ...model.spec, anthropic: { temperature: 0.5 } }],
  ])('refuse %s in %s', (_, name, spec) => {
    expect(strictSchema(name).safeParse({ spec }).success).toBe(false);
  });
});

type Node = { readonly [key: string]: unknown };
type Definition = {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly versions: readonly [{ readonly schema: { readonly openAPIV3Schema: Node } }] };
};

function importFromDefinitions(...args: string[]): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, [join(root, 'scripts/import.mjs'), ...args], { cwd: root, encoding: 'utf8' });
}

function fileDefinitions(file: string): Definition[] {
  const text = readFileSync(join(definitions, file), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as Definition);
}

function schemaOf(one: Definition): Node {
  return one.spec.versions[0].schema.openAPIV3Schema;
}

function namedSchema(name: string): Node {
  const found = readdirSync(definitions)
    .flatMap(fileDefinitions)
    .find((one) => one.metadata.name === name);
  if (found === undefined) throw new Error(`no definition is named ${name}`);
  return schemaOf(found);
}

/**
 * The shape that a definition describes, with unknown keys refused, as `kubectl apply --validate=strict` does.
 * Conditions between fields (`oneOf`, `x-kubernetes-validations`) are left to the API server.
 */
function strictSchema(name: string): z.ZodType {
  const strict = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(strict);
    if (typeof node !== 'object' || node === null) return node;
    const kept = Object.entries(node).filter(([key]) => !key.startsWith('x-') && key !== 'oneOf');
    const copy = Object.fromEntries(kept.map(([key, value]) => [key, strict(value)]));
    return 'properties' in copy ? { ...copy, additionalProperties: false } : copy;
  };
  return z.fromJSONSchema(strict(namedSchema(name)) as z.core.JSONSchema.JSONSchema);
}

/** The fields below a node, each with its own schema. */
function fields(node: Node): [name: string, schema: Node][] {
  const own = Object.entries((node['properties'] ?? {}) as Record<string, Node>);
  const items = node['items'] as Node | undefined;
  return [
    ...own.flatMap(([name, child]) => [[name, child] as [string, Node], ...fields(child)]),
    ...(items ? fields(items) : []),
  ];
}

/** Names of the fields without a description; `metadata` of the object is the API server's own. */
function undescribed(schema: Node): string[] {
  return fields(schema)
    .filter(([name, field]) => name !== 'metadata' && field['description'] === undefined)
    .map(([name]) => name);
}
