import { z } from 'zod';
import { boolean, optionalPodsOrShare } from './fields.ts';

export const PodDisruptionBudget = z
  .strictObject({
    enabled: boolean(
      true,
      'Create a PodDisruptionBudget; for a single pod none is made that would block every eviction',
    ),
    minAvailable: optionalPodsOrShare('Pods, or share of them, that stay. Empty: not set'),
    maxUnavailable: optionalPodsOrShare(
      'Pods, or share of them, that may be missing. Empty: not set, or 1 where `minAvailable` is empty too',
    ),
    unhealthyPodEvictionPolicy: z
      .enum(['AlwaysAllow', 'IfHealthyBudget'])
      .default('AlwaysAllow')
      .describe('Whether pods that are not ready may always be evicted. From Kubernetes 1.27 on'),
  })
  .prefault({})
  .describe('How many pods a node drain may take at a time');
