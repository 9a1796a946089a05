import { describe, expect, it } from 'vitest';
import { all, fullname, one, render } from './render.ts';

const scaled = (autoscaling = {}) =>
  one(render({ relayer: { autoscaling: { enabled: true, ...autoscaling } } }), 'HorizontalPodAutoscaler').spec;
const utilization = (name: string, averageUtilization: number) => ({
  type: 'Resource',
  resource: { name, target: { type: 'Utilization', averageUtilization } },
});

describe('the HorizontalPodAutoscaler', () => {
  it('is made only when it is asked for', () => {
    expect(all(render(), 'HorizontalPodAutoscaler')).toEqual([]);
  });

  it('scales the Deployment between its limits', () => {
    expect(scaled()).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: fullname },
      minReplicas: 3,
      maxReplicas: 10,
      metrics: [utilization('cpu', 80)],
    });
    expect(scaled({ minReplicas: 1, maxReplicas: 4 })).toMatchObject({ minReplicas: 1, maxReplicas: 4 });
  });

  it('looks at CPU, memory or both; 0 means neither', () => {
    const targets = { targetCPUUtilizationPercentage: 0, targetMemoryUtilizationPercentage: 70 };
    expect(scaled(targets).metrics).toEqual([utilization('memory', 70)]);
    expect(scaled({ targetMemoryUtilizationPercentage: 70 }).metrics).toHaveLength(2);
  });
});
