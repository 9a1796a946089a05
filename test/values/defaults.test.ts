import { describe, expect, it } from 'vitest';
import { lookUp } from '../../src/expression/json.ts';
import type { JsonSchema } from '../../src/schema/json-schema.ts';
import { schema } from '../../src/values/references.ts';
import { at, problems } from '../resources/render.ts';
import { leavesOf } from './candidates.ts';

const leaves = leavesOf(schema.json);
const leafAt = (path: string): JsonSchema | undefined => leaves.find((leaf) => leaf.path.join('.') === path)?.schema;
const mebibyte = 2 ** 20;

describe('the defaults', () => {
  it.each<[string, unknown]>([
    ['cluster.region', ''],
    ['cluster.environment', ''],
    ['cluster.metadata', {}],
    ['backend.socketPath', '/socket.io'],
    ['backend.connectionTimeout', 30],
    ['backend.reconnection', { enabled: true, delay: 1000, maxDelay: 30000, multiplier: 2, randomization: 0.5 }],
    [
      'backend.circuitBreaker',
      { enabled: true, failureThreshold: 5, successThreshold: 2, timeout: 60, halfOpenMaxAttempts: 3 },
    ],
    ['backend.caSecret', { name: '', key: 'ca.crt' }],
    ['backend.proxy', { url: '', noProxy: '' }],
    [
      'backend.credentials',
      { existingSecret: '', existingSecretKeys: { clusterId: 'clusterId', clusterToken: 'clusterToken' } },
    ],
    ['registration.enabled', true],
    ['registration.mode', 'job'],
    ['registration.existingSecret', ''],
    ['registration.existingSecretKey', 'token'],
    ['registration.activeDeadlineSeconds', 240],
    ['registration.backoffLimit', 2],
    ['registration.ttlSecondsAfterFinished', 3600],
    ['secrets.mode', 'kubernetes'],
    ['secrets.kubernetes', { llmApiKey: '', tunnelToken: '' }],
    ['secrets.external.enabled', true],
    ['secrets.external.secretStore', { name: '', kind: 'SecretStore' }],
    ['secrets.external.refreshInterval', '1h'],
    ['secrets.external.apiVersion', 'external-secrets.io/v1'],
    ['secrets.external.paths.llmApiKey', { key: 'consonant/llm-api-key', property: '' }],
    ['secrets.external.paths.tunnelToken', { key: 'consonant/tunnel-token', property: '' }],
    ['cloudflare.enabled', true],
    ['cloudflare.tunnelToken', ''],
    ['cloudflare.existingSecret', ''],
    ['cloudflare.existingSecretKey', 'tunnelToken'],
    ['cloudflare.mode', 'connector'],
    ['cloudflare.access.existingSecret', ''],
    ['cloudflare.sidecar.image.repository', 'cloudflare/cloudflared'],
    ['cloudflare.sidecar.protocol', 'quic'],
    ['cloudflare.sidecar.logLevel', 'info'],
    ['cloudflare.sidecar.metrics.port', 2000],
    ['cloudflare.sidecar.readinessProbe', {}],
    ['cloudflare.sidecar.livenessProbe', {}],
    ['llm.provider', 'anthropic'],
    ['llm.model', ''],
    ['llm.apiKey', ''],
    ['llm.existingSecretKey', 'apiKey'],
    ['llm.modelConfig.create', false],
    ['llm.modelConfig.namespaces', []],
    ['kagent.namespaces', ['kagent']],
    ['kagent.podSelectors', [{ app: 'kagent' }, { 'app.kubernetes.io/name': 'kagent' }]],
    ['relayer.replicas', 3],
    [
      'relayer.image',
      { registry: 'ghcr.io', repository: 'consonant/relayer', tag: '', digest: '', pullPolicy: 'IfNotPresent' },
    ],
    ['relayer.logLevel', 'info'],
    ['relayer.podAntiAffinity', 'soft'],
    ['relayer.affinity', {}],
    ['relayer.autoscaling.enabled', false],
    ['relayer.otel', { grpcPort: 4317, httpPort: 4318, maxRequestBytes: 64 * mebibyte, maxConnectionAge: '10m' }],
    ['relayer.queue.maxBytes', 1024 * mebibyte],
    ['relayer.queue.fsync', false],
    ['relayer.queue.emptyDir.sizeLimit', ''],
    ['relayer.queue.persistence.enabled', false],
    ['relayer.health.port', 8080],
    ['service.type', 'ClusterIP'],
    ['serviceAccount.create', true],
    ['rbac.create', true],
    ['networkPolicy.enabled', true],
    ['networkPolicy.ingress.agents', []],
    ['networkPolicy.ingress.customRules', []],
    ['networkPolicy.egress.allowDNS', true],
    ['networkPolicy.egress.allowHTTPS', { enabled: true, destinations: [] }],
    ['networkPolicy.egress.backend', { cidrs: [], ports: [] }],
    ['networkPolicy.egress.kubernetesAPI', { enabled: 'auto', cidrs: [], ports: [443, 6443] }],
    ['networkPolicy.egress.customRules', []],
    [
      'podDisruptionBudget',
      { enabled: true, minAvailable: '', maxUnavailable: '', unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    ],
    ['serviceMonitor.enabled', false],
    ['serviceMonitor.interval', '30s'],
    ['serviceMonitor.scrapeTimeout', ''],
    ['serviceMonitor.labels', {}],
    ['prometheusRule.enabled', false],
    ['dashboard.enabled', false],
    ['tests.enabled', true],
    ['extraObjects', []],
    ['global', { imageRegistry: '', imagePullSecrets: [] }],
  ])('of %s is %j', (path, expected) => {
    expect(lookUp(schema.defaults, path.split('.'))).toEqual(expected);
  });

  it('are there for every key but the two that a user must give', () => {
    const without = leaves.filter((leaf) => leaf.schema.default === undefined).map(({ path }) => path.join('.'));
    expect(without).toEqual(['cluster.name', 'backend.url']);
  });

  it('hold no null, which Helm would take for "remove"', () => {
    expect(JSON.stringify(schema.defaults)).not.toContain('null');
  });
});

describe('the limits', () => {
  it.each<[string, readonly unknown[], readonly unknown[]]>([
    ['cluster.name', ['abc', 'a'.repeat(63)], ['ab', 'a'.repeat(64), 'Abc', 'a.b', 1]],
    ['cluster.environment', ['', 'production', 'staging', 'development', 'testing'], ['prod']],
    ['backend.connectionTimeout', [5, 300], [4, 301, 5.5, '30']],
    ['backend.reconnection.multiplier', [1, 1.5], [0.99]],
    ['backend.reconnection.randomization', [0, 0.25, 1], [-0.1, 1.1]],
    ['backend.reconnection.delay', [1], [0]],
    ['registration.mode', ['job', 'startup'], ['hook']],
    ['registration.activeDeadlineSeconds', [60], [59]],
    ['cloudflare.mode', ['connector'], ['proxy']],
    ['llm.provider', ['anthropic', 'openai', 'azureopenai', 'gemini', 'ollama'], ['Anthropic']],
    ['relayer.replicas', [0, 1, 1000], [-1, 1001, 1.5, '3']],
    ['relayer.otel.grpcPort', [1, 65535], [0, 65536]],
    ['relayer.otel.maxConnectionAge', ['30s', '1h'], ['30', '0s', '1m30s']],
    ['relayer.podAntiAffinity', ['soft', 'hard', 'none'], ['']],
    ['relayer.image.digest', ['', `sha256:${'a'.repeat(64)}`], ['sha256:a']],
    ['relayer.strategy.type', ['RollingUpdate', 'Recreate'], ['OnDelete']],
    ['podDisruptionBudget.minAvailable', [0, 2, '0%', '50%', ''], [-1, '2', '101%', 1.5]],
    ['networkPolicy.egress.kubernetesAPI.enabled', ['auto', true, false], ['always']],
    ['networkPolicy.egress.allowHTTPS.destinations', [[], ['10.0.0.0/8', 'fd00::/8']], [['10.0.0.0'], ['a']]],
    ['secrets.external.secretStore.kind', ['SecretStore', 'ClusterSecretStore'], ['Store']],
  ])('of %s are kept', (path, good, bad) => {
    const refused = (value: unknown): boolean =>
      problems({ podDisruptionBudget: {}, ...at(path, value) }).some((problem) => problem.startsWith(path));
    expect(good.filter(refused)).toEqual([]);
    expect(bad.filter((value) => !refused(value))).toEqual([]);
  });

  it('of every integer are below 2^53', () => {
    const integers = leaves.filter((leaf) => leaf.schema.type === 'integer');
    expect(integers.length).toBeGreaterThan(20);
    const unbounded = integers.filter(
      ({ schema: { minimum = -1, maximum = 2 ** 53 } }) => minimum < 0 || maximum > 2 ** 40,
    );
    expect(unbounded.map(({ path }) => path.join('.'))).toEqual([]);
  });

  it('let the placeholders of the README pass as secrets', () => {
    expect(problems({ cloudflare: { tunnelToken: 'eyJ...' }, llm: { apiKey: 'sk-...' } })).toEqual([]);
    expect(leafAt('llm.apiKey')?.pattern).toBeUndefined();
  });

  it("let other charts' global values pass, and no other unknown key", () => {
    expect(problems({ global: { storageClass: 'gp3', other: { a: 1 } }, enabled: false })).toEqual([]);
    expect(problems({ storageClass: 'gp3' })).toEqual(['storageClass is no key of this chart; check its spelling']);
  });
});

describe('a null', () => {
  it.each(['cluster.metadata', 'kagent.podSelectors', 'relayer.podLabels', 'llm.model', 'relayer.resources'])(
    'for %s means empty',
    (path) => {
      expect(problems(at(path, null))).toEqual([]);
    },
  );

  it.each(['relayer', 'relayer.replicas', 'backend.reconnection', 'service.type', 'networkPolicy.enabled'])(
    'for %s is refused with its name',
    (path) => {
      expect(problems(at(path, null)).join()).toContain(`${path} is missing`);
    },
  );
});
