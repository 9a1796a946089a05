import { equals, not, onlyWhen } from '../expression/build.ts';
import type { Deployment } from '../kubernetes/types.ts';
import { values } from '../values/references.ts';
import { isStateful } from './facts.ts';
import { metadata, selectorLabels } from './names.ts';
import { podTemplate } from './pod.ts';
import type { TemplatedResource } from './resource.ts';

const { autoscaling, replicas, strategy } = values.relayer;

/** The relayer's pods, unless their queues are on volumes of their own. */
export const deployment: TemplatedResource<Deployment> = onlyWhen(not(isStateful), {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: metadata(),
  spec: {
    replicas: onlyWhen(not(autoscaling.enabled), replicas),
    selector: { matchLabels: selectorLabels() },
    strategy: {
      type: strategy.type,
      rollingUpdate: onlyWhen(equals(strategy.type, 'RollingUpdate'), {
        maxSurge: strategy.rollingUpdate.maxSurge,
        maxUnavailable: strategy.rollingUpdate.maxUnavailable,
      }),
    },
    template: podTemplate,
  },
});
