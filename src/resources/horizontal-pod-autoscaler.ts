import { lessThan, onlyWhen } from '../expression/build.ts';
import type { Expression, OnlyWhen } from '../expression/node.ts';
import type { HorizontalPodAutoscaler } from '../kubernetes/types.ts';
import type { Templated } from '../expression/templated.ts';
import { values } from '../values/references.ts';
import { fullname, metadata } from './names.ts';
import type { TemplatedResource } from './resource.ts';

const { autoscaling } = values.relayer;

/** A target of 0 percent is not used. */
type Metric = NonNullable<HorizontalPodAutoscaler['spec']>['metrics'] extends readonly (infer M)[] | undefined
  ? Templated<M>
  : never;
function utilization(name: 'cpu' | 'memory', percent: Expression<number>): OnlyWhen<Metric> {
  return onlyWhen(lessThan(0, percent), {
    type: 'Resource',
    resource: { name, target: { type: 'Utilization', averageUtilization: percent } },
  });
}

export const horizontalPodAutoscaler: TemplatedResource<HorizontalPodAutoscaler> = onlyWhen(autoscaling.enabled, {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: metadata(),
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: fullname },
    minReplicas: autoscaling.minReplicas,
    maxReplicas: autoscaling.maxReplicas,
    metrics: [
      utilization('cpu', autoscaling.targetCPUUtilizationPercentage),
      utilization('memory', autoscaling.targetMemoryUtilizationPercentage),
    ],
  },
});
