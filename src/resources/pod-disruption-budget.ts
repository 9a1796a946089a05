import {
  and,
  either,
  has,
  listOf,
  isGiven,
  kubeAtLeast,
  lessThan,
  named,
  not,
  onlyWhen,
  or,
  scalarText,
} from '../expression/build.ts';
import type { Expression } from '../expression/node.ts';
import type { PodDisruptionBudget } from '../kubernetes/types.ts';
import { values } from '../values/references.ts';
import { chartName, metadata, selectorLabels } from './names.ts';
import type { TemplatedResource } from './resource.ts';

const { podDisruptionBudget: settings, relayer } = values;
const { minAvailable, maxUnavailable } = settings;

function isNone(value: Expression<string | number>): Expression<boolean> {
  return has(listOf('0', '0%'), scalarText(value));
}

/** At most one pod can run: with autoscaling as many as its maximum. */
const isSingle = or(
  and(relayer.autoscaling.enabled, lessThan(relayer.autoscaling.maxReplicas, 2)),
  and(not(relayer.autoscaling.enabled), lessThan(relayer.replicas, 2)),
);
/** The budget would let no pod go at all. */
const allowsNothing = or(and(isGiven(minAvailable), not(isNone(minAvailable))), isNone(maxUnavailable));

/** A budget for one pod that lets none go would block every node drain for ever. */
export const blocksDrains: Expression<boolean> = named(
  `${chartName}.budgetBlocksDrains`,
  and(settings.enabled, isSingle, allowsNothing),
);

export const podDisruptionBudget: TemplatedResource<PodDisruptionBudget> = onlyWhen(
  and(settings.enabled, not(blocksDrains)),
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(),
    spec: {
      selector: { matchLabels: selectorLabels() },
      minAvailable: onlyWhen(isGiven(minAvailable), minAvailable),
      maxUnavailable: onlyWhen(not(isGiven(minAvailable)), either(isGiven(maxUnavailable), maxUnavailable, 1)),
      unhealthyPodEvictionPolicy: onlyWhen(kubeAtLeast('1.27'), settings.unhealthyPodEvictionPolicy),
    },
  },
);
