import { describe, expect, it } from 'vitest';
import { byName, one, podOf, problems, render } from './render.ts';

const persistent = (persistence = {}, queue = {}) =>
  render({ relayer: { queue: { ...queue, persistence: { enabled: true, ...persistence } } } });
const claimOf = (persistence = {}, queue = {}) =>
  one(persistent(persistence, queue), 'StatefulSet').spec.volumeClaimTemplates[0];

describe('the StatefulSet', () => {
  it("has the Deployment's name, pods and selector", () => {
    const stateful = one(persistent(), 'StatefulSet');
    const deployment = one(render(), 'Deployment');
    expect(stateful.spec.selector).toEqual(deployment.spec.selector);
    expect(stateful.spec.replicas).toBe(3);
    const { volumes, ...pod } = deployment.spec.template.spec;
    expect(stateful.spec.template.spec).toMatchObject(pod);
    expect(volumes).toHaveLength(stateful.spec.template.spec.volumes.length + 1);
  });

  it('starts its pods at once and leaves the limits of an update out', () => {
    const { spec } = one(persistent(), 'StatefulSet');
    expect(spec).toMatchObject({ podManagementPolicy: 'Parallel', updateStrategy: { type: 'RollingUpdate' } });
    expect(Object.keys(spec)).not.toContain('strategy');
    expect(Object.keys(spec.updateStrategy)).toEqual(['type']);
  });

  it('is governed by the headless Service', () => {
    const objects = persistent();
    const { serviceName } = one(objects, 'StatefulSet').spec;
    const service = one(objects, 'Service', '-headless');
    expect(serviceName).toBe(service.metadata.name);
    expect(service.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
    expect(service.spec.selector).toEqual(one(objects, 'Service').spec.selector);
  });

  it('keeps the queue on a claim with room for 25 % more than the data', () => {
    expect(claimOf()).toMatchObject({
      metadata: { name: 'queue' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: 1.25 * 2 ** 30 } } },
    });
    expect(claimOf().spec.storageClassName).toBeUndefined();
    expect(claimOf({}, { maxBytes: 2 ** 32 }).spec.resources.requests.storage).toBe(1.25 * 2 ** 32);
    expect(byName(podOf(persistent()).spec.volumes)['queue']).toBeUndefined();
  });

  it('takes size, class, modes and annotations of the claim', () => {
    const claim = claimOf({
      size: '20Gi',
      storageClass: 'gp3',
      accessModes: ['ReadWriteOncePod'],
      annotations: { 'x/y': 'z' },
    });
    expect(claim.metadata.annotations).toEqual({ 'x/y': 'z' });
    expect(claim.spec).toEqual({
      accessModes: ['ReadWriteOncePod'],
      storageClassName: 'gp3',
      resources: { requests: { storage: '20Gi' } },
    });
  });

  it('has a claim whose labels nobody changes: Kubernetes would refuse the update', () => {
    const changed = render({
      commonLabels: { a: 'b' },
      relayer: { podLabels: { c: 'd' }, queue: { persistence: { enabled: true } } },
    });
    expect(one(changed, 'StatefulSet').spec.volumeClaimTemplates).toEqual([claimOf()]);
  });

  it('is not scaled by load', () => {
    const relayer = { autoscaling: { enabled: true }, queue: { persistence: { enabled: true } } };
    expect(problems({ relayer })).toEqual([expect.stringContaining('exclude each other')]);
  });
});
