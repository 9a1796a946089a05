import { either, isNotEmpty, onlyWhen } from '../expression/build.ts';
import type { StatefulSet } from '../kubernetes/types.ts';
import { values } from '../values/references.ts';
import { isStateful, queueVolumeBytes } from './facts.ts';
import { metadata, nameOf, selectorLabels } from './names.ts';
import { podTemplate } from './pod.ts';
import { queueVolumeName } from './relayer-container.ts';
import type { TemplatedResource } from './resource.ts';

const { queue, replicas } = values.relayer;
const { persistence } = queue;

/** The relayer's pods with a volume for each one's queue, which outlives the pod. */
export const statefulSet: TemplatedResource<StatefulSet> = onlyWhen(isStateful, {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: metadata(),
  spec: {
    replicas,
    serviceName: nameOf('-headless'),
    // No pod depends on another's start.
    podManagementPolicy: 'Parallel',
    selector: { matchLabels: selectorLabels() },
    updateStrategy: { type: 'RollingUpdate' },
    volumeClaimTemplates: [
      {
        // Server-side apply needs both to recognise the claim.
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: queueVolumeName, labels: selectorLabels(), annotations: persistence.annotations },
        spec: {
          accessModes: persistence.accessModes,
          storageClassName: onlyWhen(isNotEmpty(persistence.storageClass), persistence.storageClass),
          resources: {
            requests: { storage: either(isNotEmpty(persistence.size), persistence.size, queueVolumeBytes) },
          },
        },
      },
    ],
    template: podTemplate,
  },
});
