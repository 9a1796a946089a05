import { z } from 'zod';
import { boolean, integer } from './fields.ts';

const replicas = { min: 1, max: 1000 };
const utilization = { min: 0, max: 1000 };

export const Autoscaling = z
  .strictObject({
    enabled: boolean(false, 'Scale with a HorizontalPodAutoscaler; `relayer.replicas` is then not used'),
    minReplicas: integer(replicas, 3, 'Fewest pods'),
    maxReplicas: integer(replicas, 10, 'Most pods'),
    targetCPUUtilizationPercentage: integer(
      utilization,
      80,
      'CPU use to aim at, in percent of the request. 0: not used',
    ),
    targetMemoryUtilizationPercentage: integer(
      utilization,
      0,
      'Memory use to aim at, in percent of the request. 0: not used',
    ),
  })
  .prefault({})
  .describe('Number of pods by load. Not with `relayer.queue.persistence`');
