import { describe, expect, it } from 'vitest';
import { configurations, objectsOf } from './configurations.ts';
import type { KubeObject } from './render.ts';

/** Fields that the API server of Kubernetes 1.24 does not know, or ignores without a feature gate. */
const newer = [
  'appArmorProfile',
  'backoffLimitPerIndex',
  'hostUsers',
  'managedBy',
  'matchLabelKeys',
  'maxUnavailableStatefulSet',
  'nodeAffinityPolicy',
  'nodeTaintsPolicy',
  'persistentVolumeClaimRetentionPolicy',
  'podFailurePolicy',
  'podReplacementPolicy',
  'resizePolicy',
  'schedulingGates',
  'successPolicy',
  'supplementalGroupsPolicy',
  'trafficDistribution',
  'unhealthyPodEvictionPolicy',
  'volumeAttributesClassName',
];

/** API versions that Kubernetes 1.24 serves and 1.35 still does, and those of the operators. */
const served = [
  'v1',
  'apps/v1',
  'autoscaling/v2',
  'batch/v1',
  'external-secrets.io/v1',
  'kagent.dev/v1alpha2',
  'monitoring.coreos.com/v1',
  'networking.k8s.io/v1',
  'policy/v1',
  'rbac.authorization.k8s.io/v1',
];

function keysOf(value: KubeObject): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [key, ...keysOf(part)]);
}

describe('Kubernetes 1.24', () => {
  it.each(configurations)('knows every field of %s', (_, { values, release }) => {
    const old = objectsOf({ values, release: { ...release, kubeVersion: 'v1.24.0' } });
    const keys = new Set(keysOf(old));
    expect(newer.filter((field) => keys.has(field))).toEqual([]);
    for (const { apiVersion } of old) expect(served).toContain(apiVersion);
  });
});

describe('a newer Kubernetes', () => {
  it.each(configurations)('changes only the eviction policy of %s', (_, { values, release }) => {
    const on = (kubeVersion: string): readonly KubeObject[] =>
      objectsOf({ values, release: { ...release, kubeVersion } });
    const without = on('v1.35.0').map((object) => {
      if (object.kind !== 'PodDisruptionBudget') return object;
      const { unhealthyPodEvictionPolicy, ...spec } = object.spec;
      expect(unhealthyPodEvictionPolicy).toBe('AlwaysAllow');
      return { ...object, spec };
    });
    expect(without).toEqual(on('v1.24.0'));
  });
});
