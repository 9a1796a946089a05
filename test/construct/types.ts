/**
 * What the compiler refuses, and what it takes. Never run: compiled with the sources here and against the packed
 * package in test/package. A line that is wrongly accepted makes its `@ts-expect-error` an error.
 */
import type { Chart } from 'cdk8s';
import { ConsonantRelayer, type ConsonantRelayerProps, type ValuesInput } from '../../src/index.ts';

const required = { cluster: { name: 'a' }, backend: { url: 'https://example.com' } };
const release = { name: 'a', namespace: 'b' };

export function accepted(chart: Chart): ConsonantRelayer {
  const values: ValuesInput = {
    ...required,
    cluster: { name: 'a', environment: 'production', metadata: { tags: { any: ['thing', 1, null] } } },
    relayer: {
      replicas: 3,
      strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
      resources: { limits: { cpu: 1, memory: '1Gi' } },
      podSecurityContext: { runAsUser: null },
      tolerations: [{ key: 'a', operator: 'Exists' }],
      extraEnv: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } }],
    },
    networkPolicy: { egress: { kubernetesAPI: { enabled: 'auto' } }, ingress: { agents: [{ podSelector: {} }] } },
    podDisruptionBudget: { minAvailable: 0 },
    extraObjects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { a: 'b' } }],
    global: { imageRegistry: 'example.com', ofAnotherChart: true },
  };
  const replicas: number | undefined = values.relayer?.replicas;
  return new ConsonantRelayer(chart, `relayer-${String(replicas)}`, { values, release });
}

export const refused: readonly (ConsonantRelayerProps | ValuesInput)[] = [
  // @ts-expect-error a release is required
  { values: required },
  // @ts-expect-error and so is its namespace
  { values: required, release: { name: 'a' } },
  // @ts-expect-error a release has no such property
  { values: required, release: { ...release, nameSpace: 'b' } },
  // @ts-expect-error a backend is required
  { values: { cluster: { name: 'a' } }, release },
  // @ts-expect-error a wrong type
  { ...required, relayer: { replicas: '3' } },
  // @ts-expect-error a wrong word
  { ...required, registration: { mode: 'cronjob' } },
  // @ts-expect-error a key at the top that is none
  { ...required, relayers: {} },
  // @ts-expect-error a key deep inside that is none
  { ...required, relayer: { otel: { gprcPort: 4317 } } },
  // @ts-expect-error a key of Kubernetes that is none
  { ...required, relayer: { tolerations: [{ keys: 'a' }] } },
  // @ts-expect-error Kubernetes calls it hostnames
  { ...required, relayer: { hostAliases: [{ hostName: 'a' }] } },
  // @ts-expect-error an object without metadata
  { ...required, extraObjects: [{ apiVersion: 'v1', kind: 'ConfigMap' }] },
];

export function readOnly(relayer: ConsonantRelayer): void {
  // @ts-expect-error names can't be changed
  relayer.name = 'other';
  // @ts-expect-error ports neither
  relayer.ports.http = 1;
}
