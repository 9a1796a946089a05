import { type KubeObject, type UserValues, minimal, overlay, release, renderExactly } from './render.ts';
import type { ReleaseOptions } from '../../src/manifest/definition.ts';

/** A whole values document, and the release that it is for. */
export interface Configuration {
  readonly values: UserValues;
  readonly release?: Partial<ReleaseOptions>;
}

const required: UserValues = {
  backend: { url: 'https://consonant.company.com' },
  cluster: { name: 'production-us-east-1' },
};
const prod = { name: 'consonant-prod', namespace: 'consonant-system' } as const;
const prefersOtherNodes = (labelSelector: KubeObject, topologyKey: string, weight: number): KubeObject => ({
  weight,
  podAffinityTerm: { labelSelector, topologyKey },
});
const byMatchLabels = { matchLabels: { 'app.kubernetes.io/name': 'consonant-relayer' } };

/** The values blocks of the product's README, completed where it leaves out what is required. */
export const readme = {
  'quick-start': {
    release: prod,
    values: {
      cluster: { name: 'production-us-east-1' },
      backend: { url: 'https://consonant.yourcompany.com' },
      cloudflare: { tunnelToken: 'eyJhIjoiY...' },
      llm: { provider: 'anthropic', apiKey: 'sk-ant-...' },
    },
  },
  production: {
    release: prod,
    values: {
      cluster: { name: 'production-us-east-1', region: 'us-east-1', environment: 'production' },
      backend: { url: 'https://consonant.company.com' },
      secrets: {
        mode: 'external',
        external: {
          enabled: true,
          secretStore: { name: 'vault-prod', kind: 'ClusterSecretStore' },
          paths: {
            llmApiKey: { key: 'secret/data/consonant/llm-key', property: 'apiKey' },
            tunnelToken: { key: 'secret/data/consonant/tunnel-token', property: 'token' },
          },
        },
      },
      cloudflare: { enabled: true },
      llm: { provider: 'anthropic', model: 'claude-3-5-sonnet-20241022' },
      relayer: {
        replicas: 3,
        resources: { requests: { cpu: '500m', memory: '512Mi' }, limits: { cpu: '2000m', memory: '1Gi' } },
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              prefersOtherNodes(
                {
                  matchExpressions: [{ key: 'app.kubernetes.io/name', operator: 'In', values: ['consonant-relayer'] }],
                },
                'kubernetes.io/hostname',
                100,
              ),
            ],
          },
        },
      },
      networkPolicy: { enabled: true },
      podDisruptionBudget: { enabled: true, minAvailable: 2 },
      serviceMonitor: { enabled: true, labels: { prometheus: 'kube-prometheus' } },
    },
  },
  development: {
    values: {
      cluster: { name: 'dev-local', environment: 'development' },
      backend: { url: 'http://localhost:3000' },
      secrets: { mode: 'kubernetes', kubernetes: { llmApiKey: 'sk-...', tunnelToken: 'eyJ...' } },
      cloudflare: { enabled: false },
      llm: { provider: 'openai', model: 'gpt-4o-mini' },
      relayer: { replicas: 1, logLevel: 'debug' },
      networkPolicy: { enabled: false },
      podDisruptionBudget: { enabled: false },
    },
  },
  'multi-cloud': {
    values: overlay(required, {
      cluster: {
        name: 'prod-aws-us-east-1',
        region: 'us-east-1',
        metadata: {
          provider: 'aws',
          accountId: '123456789012',
          tags: { 'cost-center': 'engineering', team: 'platform' },
        },
      },
      serviceAccount: {
        annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::ACCOUNT:role/consonant-relayer' },
      },
      secrets: {
        mode: 'external',
        external: { enabled: true, secretStore: { name: 'aws-secrets-manager', kind: 'SecretStore' } },
      },
    }),
  },
  'high-availability': {
    values: overlay(required, {
      cloudflare: { existingSecret: 'consonant-tunnel' },
      llm: { existingSecret: 'consonant-llm' },
      relayer: {
        replicas: 3,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              prefersOtherNodes(byMatchLabels, 'kubernetes.io/hostname', 100),
              prefersOtherNodes(byMatchLabels, 'topology.kubernetes.io/zone', 50),
            ],
          },
        },
      },
      podDisruptionBudget: { enabled: true, minAvailable: 2 },
      backend: {
        circuitBreaker: { enabled: true, failureThreshold: 5, successThreshold: 2, timeout: 60 },
        reconnection: { enabled: true, delay: 1000, maxDelay: 30000, multiplier: 2 },
      },
    }),
  },
} as const satisfies Record<string, Configuration>;

const monitored: UserValues = {
  serviceMonitor: { enabled: true, labels: { release: 'prometheus' }, scrapeTimeout: '10s' },
  prometheusRule: { enabled: true, rules: [{ record: 'relayer:received', expr: 'sum(relayer_otel_received_total)' }] },
  dashboard: { enabled: true },
};

/** Features that go together, so that a handful of documents switches every one of them on. */
export const rich = {
  'everything-on': {
    values: overlay(required, monitored, {
      registration: { mode: 'startup', existingSecret: 'consonant-registration' },
      backend: {
        url: 'https://10.20.0.5:8443/consonant',
        caSecret: { name: 'backend-ca' },
        proxy: { url: 'http://10.30.0.5:3128', noProxy: '.svc,10.0.0.0/8' },
      },
      cloudflare: { mode: 'access', access: { existingSecret: 'consonant-access' } },
      llm: {
        provider: 'azureopenai',
        model: 'gpt-4o',
        apiKey: 'key',
        azureopenai: { endpoint: 'https://company.openai.azure.com', deployment: 'gpt' },
        modelConfig: { create: true, namespaces: ['kagent', 'agents'] },
      },
      kagent: { namespaces: ['kagent', 'agents'] },
      relayer: {
        queue: { maxBytes: 4 * 2 ** 30, fsync: true, persistence: { enabled: true, storageClass: 'gp3' } },
        extraEnv: [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=256' }],
        podAntiAffinity: 'hard',
        imagePullSecrets: [{ name: 'pull' }],
        priorityClassName: 'high',
        podLabels: { team: 'platform' },
        podAnnotations: { 'example.com/note': 'yes' },
      },
      service: { internalTrafficPolicy: 'Local', annotations: { 'example.com/a': 'b' } },
      networkPolicy: {
        ingress: {
          agents: [{ namespaceSelector: { matchLabels: { agents: 'true' } } }],
          customRules: [{ from: [{ ipBlock: { cidr: '10.9.0.0/16' } }] }],
        },
        egress: {
          backend: { cidrs: ['10.20.0.0/16', 'fd00:20::/64'] },
          allowHTTPS: { destinations: ['203.0.113.0/24'] },
          kubernetesAPI: { cidrs: ['10.0.0.1/32'] },
          customRules: [{ to: [{ podSelector: {} }] }],
        },
      },
      commonLabels: { owner: 'platform' },
      commonAnnotations: { 'example.com/common': 'yes' },
      extraObjects: [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'more' }, data: { text: '{{ .Values }}' } },
      ],
    }),
  },
  'external-and-scaled': {
    values: overlay(required, monitored, {
      secrets: { mode: 'external', external: { secretStore: { name: 'vault', kind: 'ClusterSecretStore' } } },
      registration: {
        existingSecret: 'consonant-registration',
        podAnnotations: { 'sidecar.istio.io/inject': 'false' },
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        tolerations: [{ operator: 'Exists' }],
      },
      llm: { model: 'claude-sonnet', modelConfig: { create: true, namespaces: ['kagent'] } },
      cloudflare: {
        sidecar: {
          protocol: 'http2',
          extraArgs: ['--edge-ip-version', 'auto'],
          readinessProbe: { httpGet: { path: '/ready', port: 'cloudflared' } },
        },
      },
      relayer: {
        autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 8, targetMemoryUtilizationPercentage: 70 },
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
        ],
        image: { digest: `sha256:${'0123456789abcdef'.repeat(4)}` },
        extraVolumes: [{ name: 'tmp', emptyDir: {} }],
        extraVolumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      },
      service: { type: 'LoadBalancer', loadBalancerSourceRanges: ['203.0.113.0/24'] },
      global: { imageRegistry: 'registry.example.com', imagePullSecrets: [{ name: 'global-pull' }] },
    }),
  },
} as const satisfies Record<string, Configuration>;

const more = {
  minimal: { values: minimal },
  'without cloudflare, for ollama': {
    values: overlay(required, { cloudflare: { enabled: false }, llm: { provider: 'ollama', model: 'llama3' } }),
  },
  'job with every file': {
    values: overlay(minimal, {
      registration: { existingSecret: 'registration' },
      backend: { caSecret: { name: 'ca' } },
      cloudflare: { mode: 'access', tunnelToken: '', access: { existingSecret: 'access' } },
    }),
  },
  'startup with a tunnel': { values: overlay(minimal, { registration: { mode: 'startup' } }) },
  'credentials of its own': { values: overlay(minimal, { backend: { credentials: { existingSecret: 'mine' } } }) },
  'persistent with a tunnel': {
    values: overlay(minimal, { relayer: { queue: { persistence: { enabled: true } } } }),
  },
  'an old Kubernetes': { values: overlay(minimal, monitored), release: { kubeVersion: 'v1.24.17' } },
} as const satisfies Record<string, Configuration>;

/** Every configuration, for what must hold in all of them. */
export const configurations: readonly (readonly [string, Configuration])[] = Object.entries({
  ...readme,
  ...rich,
  ...more,
});

export function objectsOf({ values, release: own }: Configuration): readonly KubeObject[] {
  return renderExactly(values, { ...release, ...own });
}
