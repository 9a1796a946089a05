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
  or,
  sha256,
  splice,
} from '../expression/build.ts';
import type { Expression } from '../expression/node.ts';
import type { PodSpec, PodTemplateSpec } from '../kubernetes/types.ts';
import type { Templated, TemplatedList } from '../manifest/templated.ts';
import { values } from '../values/references.ts';
import { cloudflaredContainer, tunnelVolume } from './cloudflared-container.ts';
import { configChecksum } from './config.ts';
import {
  hasTunnelSecret,
  inlineTunnelToken,
  isConnector,
  isStateful,
  queueVolumeBytes,
  registersAtStartup,
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
const affinity = either<unknown>(
  isNotEmpty(relayer.affinity),
  relayer.affinity,
  either<unknown>(
    equals(relayer.podAntiAffinity, 'soft'),
    softAntiAffinity,
    onlyWhen<unknown>(equals(relayer.podAntiAffinity, 'hard'), hardAntiAffinity),
  ),
) as Templated<Affinity>;

/** The image secrets of the pods and of the Job, each once. */
export const imagePullSecrets: Expression<NonNullable<PodSpec['imagePullSecrets']>> = mergeByKey(
  'name',
  `${chartName}.globalPullSecrets`,
  [splice(values.global.imagePullSecrets)],
  relayer.imagePullSecrets,
);

/** With persistence the StatefulSet's claim is the queue's volume. */
const queueVolume = onlyWhen(not(isStateful), {
  name: queueVolumeName,
  emptyDir: {
    sizeLimit: either<unknown>(isNotEmpty(queue.emptyDir.sizeLimit), queue.emptyDir.sizeLimit, queueVolumeBytes),
  },
});

const volumes = mergeByKey(
  'name',
  `${chartName}.volumes`,
  [queueVolume, ...(relayerVolumes as TemplatedList<unknown>), onlyWhen(isConnector, tunnelVolume)],
  relayer.extraVolumes,
);

const containers = mergeByKey(
  'name',
  `${chartName}.containers`,
  [relayerContainer, onlyWhen(isConnector, cloudflaredContainer)],
  relayer.extraContainers,
);

/** cloudflared reads its token only when it starts, so that a changed one replaces the pods. */
const tokenChecksum = named(`${chartName}.tunnelTokenChecksum`, sha256(inlineTunnelToken));

const podSpec: Templated<PodSpec> = {
  serviceAccountName,
  automountServiceAccountToken: or(values.serviceAccount.automount, registersAtStartup),
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
