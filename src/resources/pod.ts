import {
  either,
  equals,
  isNotEmpty,
  mergeByKey,
  mergeMaps,
  named,
  namedPart,
  not,
  onlyWhen,
  sha256,
  splice,
} from '../expression/build.ts';
import type { Expression, OnlyWhen } from '../expression/node.ts';
import type { PodSpec, PodTemplateSpec, Volume } from '../kubernetes/types.ts';
import type { Templated } from '../expression/templated.ts';
import { values } from '../values/references.ts';
import { cloudflaredContainer, tunnelVolume } from './cloudflared-container.ts';
import { configChecksum } from './config.ts';
import {
  hasTunnelSecret,
  inlineTunnelToken,
  isConnector,
  isStateful,
  queueVolumeBytes,
  serviceAccountName,
} from './facts.ts';
import { chartName, labels, selectorLabels } from './names.ts';
import { queueVolumeName, relayerContainer, relayerVolumes } from './relayer-container.ts';

const { relayer } = values;
const { queue } = relayer;

type Affinity = NonNullable<PodSpec['affinity']>;

const sameRelease = {
  topologyKey: 'kubernetes.io/hostname',
  labelSelector: { matchLabels: selectorLabels() },
};
const softAntiAffinity: Templated<Affinity> = {
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: sameRelease }],
  },
};
const hardAntiAffinity: Templated<Affinity> = {
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [sameRelease] },
};

/** The user's own affinity, or pods of this release apart from each other. */
const affinity: Templated<Affinity> | OnlyWhen<Templated<Affinity>> = either(
  isNotEmpty(relayer.affinity),
  relayer.affinity,
  either(
    equals(relayer.podAntiAffinity, 'soft'),
    softAntiAffinity,
    onlyWhen(equals(relayer.podAntiAffinity, 'hard'), hardAntiAffinity),
  ),
);

/** The image secrets of the pods and of the Job, each once. */
export const imagePullSecrets: Expression<NonNullable<PodSpec['imagePullSecrets']>> = mergeByKey(
  relayer.imagePullSecrets,
  {
    by: 'name',
    helper: `${chartName}.globalPullSecrets`,
    ours: [splice(values.global.imagePullSecrets)],
  },
);

/** With persistence the StatefulSet's claim is the queue's volume. */
const queueVolume: OnlyWhen<Templated<Volume>> = onlyWhen(not(isStateful), {
  name: queueVolumeName,
  emptyDir: {
    sizeLimit: either(isNotEmpty(queue.emptyDir.sizeLimit), queue.emptyDir.sizeLimit, queueVolumeBytes),
  },
});

const volumes = mergeByKey(relayer.extraVolumes, {
  by: 'name',
  helper: `${chartName}.volumes`,
  ours: [queueVolume, ...relayerVolumes, onlyWhen(isConnector, tunnelVolume)],
});

const containers = mergeByKey(relayer.extraContainers, {
  by: 'name',
  helper: `${chartName}.containers`,
  ours: [relayerContainer, onlyWhen(isConnector, cloudflaredContainer)],
});

/** cloudflared reads its token only when it starts, so that a changed one replaces the pods. */
const tokenChecksum = named(`${chartName}.tunnelTokenChecksum`, sha256(inlineTunnelToken));

const podSpec: Templated<PodSpec> = {
  serviceAccountName,
  // Registering at the start needs the token too: then the relayer's container alone gets it, by a volume.
  automountServiceAccountToken: values.serviceAccount.automount,
  // Kubernetes would add variables such as RELAYER_PORT=tcp://… that look like settings.
  enableServiceLinks: false,
  imagePullSecrets,
  securityContext: relayer.podSecurityContext,
  initContainers: relayer.initContainers,
  containers,
  volumes,
  affinity,
  nodeSelector: relayer.nodeSelector,
  tolerations: relayer.tolerations,
  topologySpreadConstraints: relayer.topologySpreadConstraints,
  priorityClassName: onlyWhen(isNotEmpty(relayer.priorityClassName), relayer.priorityClassName),
  runtimeClassName: onlyWhen(isNotEmpty(relayer.runtimeClassName), relayer.runtimeClassName),
  hostAliases: relayer.hostAliases,
  dnsPolicy: onlyWhen(isNotEmpty(relayer.dnsPolicy), relayer.dnsPolicy),
  dnsConfig: relayer.dnsConfig,
  terminationGracePeriodSeconds: relayer.terminationGracePeriodSeconds,
};

/** The pod of the Deployment and of the StatefulSet. */
export const podTemplate: Expression<PodTemplateSpec> = namedPart(`${chartName}.podTemplate`, {
  metadata: {
    labels: mergeMaps<string>(labels(), relayer.podLabels, selectorLabels()),
    annotations: mergeMaps<string>(
      namedPart(`${chartName}.podAnnotations`, {
        'kubectl.kubernetes.io/default-container': 'relayer',
        'checksum/config': configChecksum,
        'checksum/tunnel-token': onlyWhen(hasTunnelSecret, tokenChecksum),
      }),
      relayer.podAnnotations,
    ),
  },
  spec: podSpec,
});
