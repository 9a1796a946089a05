import { describe, expect, it } from 'vitest';
import { all, one, render } from './render.ts';

const specOf = (values = {}) => one(render(values), 'Deployment').spec;

describe('the Deployment', () => {
  it('has three pods and replaces them without a gap', () => {
    expect(specOf()).toMatchObject({
      replicas: 3,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
  });

  it('may have no pod at all', () => {
    expect(specOf({ relayer: { replicas: 0 } }).replicas).toBe(0);
  });

  it('leaves the number of pods to the autoscaler', () => {
    expect(Object.keys(specOf({ relayer: { autoscaling: { enabled: true } } }))).not.toContain('replicas');
  });

  it('takes shares of pods, and 0', () => {
    const rollingUpdate = { maxSurge: 0, maxUnavailable: '25%' };
    expect(specOf({ relayer: { strategy: { rollingUpdate } } }).strategy.rollingUpdate).toEqual(rollingUpdate);
  });

  it('has no rolling update when all pods stop first', () => {
    expect(specOf({ relayer: { strategy: { type: 'Recreate' } } }).strategy).toEqual({ type: 'Recreate' });
  });

  it('gives way to a StatefulSet when the queue is persistent', () => {
    const objects = render({ relayer: { queue: { persistence: { enabled: true } } } });
    expect(all(objects, 'Deployment')).toEqual([]);
    expect(all(render(), 'StatefulSet')).toEqual([]);
  });
});
