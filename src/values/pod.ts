/** What users set about the pods of the relayer that has little to do with the relayer itself. */
import type { k8s } from 'cdk8s-plus-28';
import { z } from 'zod';
import { integer, optionalName, podsOrShare } from './fields.ts';
import {
  annotations,
  containerSecurityContext,
  containers,
  environment,
  fragment,
  fragments,
  labels,
  podSecurityContext,
  pullSecrets,
  resources,
  volumeMounts,
  volumes,
} from './fragments.ts';

/** The user, group and file group of the relayer's image. */
const nonRoot = 10001;

const Strategy = z
  .strictObject({
    type: z
      .enum(['RollingUpdate', 'Recreate'])
      .default('RollingUpdate')
      .describe('RollingUpdate: pods are replaced bit by bit. Recreate: all stop first'),
    rollingUpdate: z
      .strictObject({
        maxSurge: podsOrShare(1, 'Pods, or share of them, that may be started in addition'),
        maxUnavailable: podsOrShare(0, 'Pods, or share of them, that may be missing'),
      })
      .prefault({})
      .describe('Limits of a rolling update'),
  })
  .prefault({})
  .describe('How the Deployment replaces its pods. Not used with `relayer.queue.persistence`');

/** Keys of `relayer` that say where and when its pods run. */
export const placement = {
  strategy: Strategy,
  terminationGracePeriodSeconds: integer(
    { min: 5, max: 86400 },
    60,
    'Time to deliver what is queued when a pod stops, in seconds',
  ),
  affinity: fragment<k8s.Affinity>('Affinity. Empty: `relayer.podAntiAffinity` applies'),
  podAntiAffinity: z
    .enum(['soft', 'hard', 'none'])
    .default('soft')
    .describe('Spread the pods over nodes: soft prefers it, hard demands it. Used while `relayer.affinity` is empty'),
  nodeSelector: labels('Labels that the nodes must have'),
  tolerations: fragments<k8s.Toleration>('Node taints that the pods tolerate'),
  topologySpreadConstraints: fragments<k8s.TopologySpreadConstraint>('How the pods are spread over zones or nodes'),
  priorityClassName: optionalName('Priority class of the pods'),
  runtimeClassName: optionalName('Runtime class of the pods'),
} as const;

/** Keys of `relayer` that say what its pods look like. */
export const pod = {
  resources: resources(
    { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    'Resources of the relayer',
  ),
  podAnnotations: annotations('Annotations of the pods'),
  podLabels: labels('Labels of the pods; they cannot change the labels that select them'),
  podSecurityContext: podSecurityContext(
    {
      runAsNonRoot: true,
      runAsUser: nonRoot,
      runAsGroup: nonRoot,
      fsGroup: nonRoot,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    'Security context of the pods and of the Job. A null takes a setting away (OpenShift)',
  ),
  securityContext: containerSecurityContext(
    {},
    'Security context of the relayer and of the Job. A null takes a setting away (OpenShift)',
  ),
  imagePullSecrets: pullSecrets('Secrets for pulling images, for the pods and the Job'),
  extraEnv: environment('More environment variables of the relayer; they win over ours'),
  extraEnvFrom: fragments<k8s.EnvFromSource>('ConfigMaps and Secrets with more environment variables'),
  extraVolumes: volumes('More volumes; one with the name of ours replaces it'),
  extraVolumeMounts: volumeMounts('More volume mounts of the relayer; one at the path of ours replaces it'),
  extraContainers: containers('More containers; one with the name of ours replaces it'),
  initContainers: containers('Containers that run before the others'),
  hostAliases: fragments<k8s.HostAlias>('More entries in /etc/hosts'),
  lifecycle: fragment<k8s.Lifecycle>('Lifecycle hooks of the relayer'),
  dnsPolicy: z
    .enum(['', 'ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'])
    .default('')
    .describe("DNS policy of the pods. Empty: Kubernetes' default, ClusterFirst"),
  dnsConfig: fragment<k8s.PodDnsConfig>('DNS settings of the pods'),
} as const;
