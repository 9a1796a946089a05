import { describe, expect, it } from 'vitest';
import { all, notes, one, problems, render } from './render.ts';

const budgetOf = (podDisruptionBudget: object, relayer = {}) => {
  const [budget] = all(render({ podDisruptionBudget, relayer }), 'PodDisruptionBudget');
  if (budget === undefined) return undefined;
  const { minAvailable, maxUnavailable } = budget.spec;
  return {
    ...(minAvailable === undefined ? {} : { minAvailable }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
  };
};
const single = { replicas: 1 };

describe('the PodDisruptionBudget', () => {
  it.each<[object, object]>([
    [{}, { maxUnavailable: 1 }],
    [{ minAvailable: 2 }, { minAvailable: 2 }],
    [{ minAvailable: 0 }, { minAvailable: 0 }],
    [{ minAvailable: '0%' }, { minAvailable: '0%' }],
    [{ minAvailable: '50%' }, { minAvailable: '50%' }],
    [{ maxUnavailable: 2 }, { maxUnavailable: 2 }],
    [{ maxUnavailable: 0 }, { maxUnavailable: 0 }],
    [{ maxUnavailable: '100%' }, { maxUnavailable: '100%' }],
    [{ minAvailable: '', maxUnavailable: '' }, { maxUnavailable: 1 }],
  ])('for several pods with %o is %o', (settings, expected) => {
    expect(budgetOf(settings)).toEqual(expected);
  });

  it.each<[object, object | undefined]>([
    [{}, { maxUnavailable: 1 }],
    [{ minAvailable: 0 }, { minAvailable: 0 }],
    [{ minAvailable: '0%' }, { minAvailable: '0%' }],
    [{ maxUnavailable: '1%' }, { maxUnavailable: '1%' }],
    [{ minAvailable: 1 }, undefined],
    [{ minAvailable: '1%' }, undefined],
    [{ maxUnavailable: 0 }, undefined],
    [{ maxUnavailable: '0%' }, undefined],
  ])('for one pod with %o is %o, so that a node can be drained', (settings, expected) => {
    expect(budgetOf(settings, single)).toEqual(expected);
    const told = notes({ podDisruptionBudget: settings, relayer: single });
    expect(told.includes('No PodDisruptionBudget was made')).toBe(expected === undefined);
  });

  it.each([
    [{ replicas: 1, autoscaling: { enabled: true, minReplicas: 1, maxReplicas: 2 } }, true],
    [{ replicas: 3, autoscaling: { enabled: true, minReplicas: 1, maxReplicas: 1 } }, false],
    [{ replicas: 0 }, false],
    [{ replicas: 2 }, true],
  ])('counts the pods that may run with %o', (relayer, expected) => {
    expect(budgetOf({ minAvailable: 1 }, relayer) !== undefined).toBe(expected);
  });

  it.each([
    [1, 1],
    [0, 0],
    ['50%', '0%'],
  ])('is refused with both minAvailable %s and maxUnavailable %s', (minAvailable, maxUnavailable) => {
    expect(problems({ podDisruptionBudget: { minAvailable, maxUnavailable } })).toEqual([
      'set only one of `podDisruptionBudget.minAvailable` and `podDisruptionBudget.maxUnavailable`',
    ]);
  });

  it('always lets pods go that are not ready, from Kubernetes 1.27 on', () => {
    const policyOn = (kubeVersion: string, podDisruptionBudget = {}) =>
      one(render({ podDisruptionBudget }, { kubeVersion }), 'PodDisruptionBudget').spec.unhealthyPodEvictionPolicy;
    expect(policyOn('v1.24.0')).toBeUndefined();
    expect(policyOn('v1.26.15-eks-1')).toBeUndefined();
    expect(policyOn('v1.27.0-gke.1')).toBe('AlwaysAllow');
    expect(policyOn('1.35')).toBe('AlwaysAllow');
    expect(policyOn('v1.30.1', { unhealthyPodEvictionPolicy: 'IfHealthyBudget' })).toBe('IfHealthyBudget');
  });

  it('can be switched off', () => {
    expect(budgetOf({ enabled: false })).toBeUndefined();
    expect(notes({ podDisruptionBudget: { enabled: false, minAvailable: 1 }, relayer: single })).not.toContain(
      'No PodDisruptionBudget',
    );
  });

  it("selects the relayer's pods and no others", () => {
    const objects = render();
    expect(one(objects, 'PodDisruptionBudget').spec.selector).toEqual(one(objects, 'Deployment').spec.selector);
  });
});
