import { describe, expect, it } from 'vitest';
import { rules } from '../../src/resources/rules.ts';
import { type UserValues, at, overlay, problems } from './render.ts';

const external: UserValues = {
  secrets: { mode: 'external', external: { secretStore: { name: 'vault' } } },
  cloudflare: { tunnelToken: '' },
  llm: { apiKey: '' },
};
const scaled = (settings: UserValues): UserValues => at('relayer.autoscaling', { enabled: true, ...settings });
const hook = { 'helm.sh/hook': 'pre-install' };

/** Part of a rule's message, values that keep it at its very edge, and values that break it alone. */
const cases: readonly (readonly [message: string, kept: UserValues, broken: UserValues])[] = [
  [
    '`backend.url` must start with https',
    { cluster: { environment: 'production' } },
    { cluster: { environment: 'production' }, backend: { url: 'http://backend.example.com' } },
  ],
  [
    '`backend.reconnection.delay` must be at most `backend.reconnection.maxDelay`',
    at('backend.reconnection', { delay: 5000, maxDelay: 5000 }),
    at('backend.reconnection', { delay: 5001, maxDelay: 5000 }),
  ],
  [
    '`llm.apiKey` and `secrets.kubernetes.llmApiKey` differ',
    at('secrets.kubernetes.llmApiKey', 'sk-key'),
    at('secrets.kubernetes.llmApiKey', 'b'),
  ],
  [
    '`cloudflare.tunnelToken` and `secrets.kubernetes.tunnelToken` differ',
    at('secrets.kubernetes.tunnelToken', 'eyJ-token'),
    at('secrets.kubernetes.tunnelToken', 'b'),
  ],
  ['`llm.apiKey` must be empty', external, overlay(external, at('llm.apiKey', 'a'))],
  [
    '`secrets.kubernetes.llmApiKey` must be empty',
    external,
    overlay(external, at('secrets.kubernetes.llmApiKey', 'a')),
  ],
  ['`cloudflare.tunnelToken` must be empty', external, overlay(external, at('cloudflare.tunnelToken', 'a'))],
  [
    '`secrets.kubernetes.tunnelToken` must be empty',
    external,
    overlay(external, at('secrets.kubernetes.tunnelToken', 'a')),
  ],
  [
    '`llm.existingSecret` and an inline API key are both set',
    { llm: { apiKey: '', existingSecret: 'a' } },
    { llm: { existingSecret: 'a' } },
  ],
  [
    '`cloudflare.existingSecret` and an inline tunnel token are both set',
    { cloudflare: { tunnelToken: '', existingSecret: 'a' } },
    { cloudflare: { existingSecret: 'a' } },
  ],
  [
    '`secrets.external.secretStore.name` is required',
    overlay(external, at('secrets.external', { enabled: false, secretStore: { name: '' } })),
    overlay(external, at('secrets.external.secretStore.name', '')),
  ],
  [
    '`cloudflare.tunnelToken` is required',
    { cloudflare: { tunnelToken: '', enabled: false } },
    { cloudflare: { tunnelToken: '' } },
  ],
  [
    '`cloudflare.access.existingSecret` is required',
    { cloudflare: { mode: 'access', enabled: false } },
    { cloudflare: { mode: 'access' } },
  ],
  ['`llm.apiKey` is required', { llm: { apiKey: '', provider: 'ollama' } }, { llm: { apiKey: '' } }],
  [
    '`llm.model` is required',
    { llm: { model: 'm', modelConfig: { create: true } } },
    { llm: { modelConfig: { create: true } } },
  ],
  [
    '`llm.azureopenai.endpoint` is required',
    { llm: { model: 'm', provider: 'azureopenai' } },
    { llm: { model: 'm', provider: 'azureopenai', modelConfig: { create: true } } },
  ],
  ...(
    [
      ['relayer.otel.grpcPort', 'relayer.otel.httpPort', 4318],
      ['relayer.otel.grpcPort', 'relayer.health.port', 8080],
      ['relayer.otel.httpPort', 'relayer.health.port', 8080],
      ['relayer.otel.grpcPort', 'cloudflare.sidecar.metrics.port', 2000],
      ['relayer.otel.httpPort', 'cloudflare.sidecar.metrics.port', 2000],
      ['relayer.health.port', 'cloudflare.sidecar.metrics.port', 2000],
    ] as const
  ).map(([a, b, port]) => [`\`${a}\` and \`${b}\` must be different ports`, at(a, port + 1), at(a, port)] as const),
  [
    '`relayer.autoscaling.minReplicas` must be at most',
    scaled({ minReplicas: 4, maxReplicas: 4 }),
    scaled({ minReplicas: 5, maxReplicas: 4 }),
  ],
  [
    '`relayer.autoscaling` needs a target',
    scaled({ targetCPUUtilizationPercentage: 0, targetMemoryUtilizationPercentage: 1 }),
    scaled({ targetCPUUtilizationPercentage: 0 }),
  ],
  [
    '`relayer.autoscaling.enabled` and `relayer.queue.persistence.enabled` exclude each other',
    at('relayer.queue.persistence.enabled', true),
    overlay(scaled({}), at('relayer.queue.persistence.enabled', true)),
  ],
  [
    'must not both be 0',
    at('relayer.strategy', { type: 'Recreate', rollingUpdate: { maxSurge: 0 } }),
    at('relayer.strategy.rollingUpdate', { maxSurge: '0%', maxUnavailable: 0 }),
  ],
  [
    'set only one of `podDisruptionBudget.minAvailable`',
    at('podDisruptionBudget', { minAvailable: 0, maxUnavailable: '' }),
    at('podDisruptionBudget', { minAvailable: 0, maxUnavailable: 0 }),
  ],
  [
    '`relayer.queue.emptyDir.sizeLimit` must be at least `relayer.queue.maxBytes`',
    at('relayer.queue', { maxBytes: 2 ** 30, emptyDir: { sizeLimit: '1Gi' } }),
    at('relayer.queue', { maxBytes: 2 ** 30, emptyDir: { sizeLimit: '1G' } }),
  ],
  [
    '`relayer.queue.persistence.size` must be at least `relayer.queue.maxBytes`',
    at('relayer.queue', { maxBytes: 2 ** 20, persistence: { size: '1048576' } }),
    at('relayer.queue', { maxBytes: 2 ** 20, persistence: { size: '1023Ki' } }),
  ],
  [
    '`relayer.otel.maxConnectionAge` must be at most 24h',
    at('relayer.otel.maxConnectionAge', '1440m'),
    at('relayer.otel.maxConnectionAge', '86401s'),
  ],
  [
    '`serviceMonitor.scrapeTimeout` must be at most',
    at('serviceMonitor', { interval: '1m', scrapeTimeout: '60s' }),
    at('serviceMonitor', { interval: '1m', scrapeTimeout: '61s' }),
  ],
  [
    '`service.clusterIP` can be None only',
    at('service.clusterIP', 'None'),
    at('service', { clusterIP: 'None', type: 'LoadBalancer' }),
  ],
  [
    '`serviceAccount.name` and `registration.serviceAccount.name` must differ',
    { serviceAccount: { create: false, name: 'a' }, registration: { serviceAccount: { name: 'a' } } },
    { serviceAccount: { name: 'a' }, registration: { serviceAccount: { name: 'a' } } },
  ],
  ['name must start with a letter', at('fullnameOverride', 'a1'), at('fullnameOverride', '1a')],
  ...[
    'commonAnnotations',
    'registration.serviceAccount.annotations',
    'service.annotations',
    'serviceAccount.annotations',
    'serviceMonitor.annotations',
    'prometheusRule.annotations',
    'dashboard.annotations',
  ].map((path) => [`\`${path}\` can't make hooks`, at(path, { 'helm.sh/hook-weight': '1' }), at(path, hook)] as const),
];

describe('a rule', () => {
  it.each(cases)('%s: holds at its edge, and is the only one that is broken beyond', (message, kept, broken) => {
    expect(problems(kept)).toEqual([]);
    const found = problems(broken);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  it('has a case here, each of them', () => {
    const untested = rules.filter(({ message }) => !cases.some(([part]) => message.includes(part)));
    expect(untested.map(({ message }) => message)).toEqual([]);
    expect(cases).toHaveLength(rules.length);
  });

  it('names a key in backticks and says what to do, and never shows a value', () => {
    for (const { message } of rules) {
      expect(message).toMatch(/`[a-zA-Z.]+`/);
      expect(message).toMatch(/must|set|required|remove|exclude|can be|needs|can't/);
    }
    const secret = 'very-secret-value';
    const values = { llm: { apiKey: secret }, secrets: { mode: 'external', kubernetes: { llmApiKey: `${secret}2` } } };
    expect(problems(values).join()).not.toContain(secret);
  });
});

describe('problems', () => {
  it('are all told at once', () => {
    const values = {
      cluster: { environment: 'production' },
      backend: { url: 'http://x', reconnection: { delay: 40000 } },
      relayer: { health: { port: 4317 } },
    };
    expect(problems(values)).toHaveLength(3);
  });

  it('name the path of a wrong key or type', () => {
    expect(problems({ relayer: { replica: 1 } })).toEqual([
      'relayer.replica is no key of this chart; check its spelling',
    ]);
    expect(problems({ relayer: { replicas: 'many', otel: { grpcPort: 0 } } })).toEqual([
      expect.stringMatching(/^relayer\.replicas /),
      expect.stringMatching(/^relayer\.otel\.grpcPort /),
    ]);
    expect(problems({ cluster: { name: undefined }, backend: { url: undefined } })).toEqual([
      'cluster.name is required',
      'backend.url is required',
    ]);
  });

  it('are found in both connector ports and metrics only while cloudflared runs', () => {
    const clash = { relayer: { health: { port: 2000 } } };
    expect(problems(clash)).toHaveLength(1);
    expect(problems({ ...clash, cloudflare: { enabled: false } })).toEqual([]);
  });
});
