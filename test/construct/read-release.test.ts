import { describe, expect, it } from 'vitest';
import { chartSource } from '../../src/consonant.ts';
import { oldestKubernetes, readRelease } from '../../src/construct/read-release.ts';

const pathsOf = (given: unknown): readonly string[] => (readRelease(given).problems ?? []).map(({ path }) => path);

describe('a release', () => {
  it('has defaults for what Helm would know', () => {
    expect(readRelease({ name: 'a', namespace: 'b' }).release).toEqual({
      name: 'a',
      namespace: 'b',
      service: 'cdk8s',
      kubeVersion: '1.28',
    });
    expect(
      readRelease({ name: 'a', namespace: 'b', service: 'Argo_CD', kubeVersion: undefined }).release,
    ).toMatchObject({
      service: 'Argo_CD',
      kubeVersion: '1.28',
    });
  });

  it.each(['a', '0', 'a.b-c.d', 'x'.repeat(53)])('may be called %s', (name) => {
    expect(pathsOf({ name, namespace: 'b' })).toEqual([]);
  });
  it.each(['', 'A', 'a_b', '-a', 'a-', 'a..b', '.a', 'a\n', 'x'.repeat(54), 1, null, undefined, {}])(
    'may not be called %j',
    (name) => {
      expect(pathsOf({ name, namespace: 'b' })).toEqual(['release.name']);
    },
  );

  it.each(['', 'A', 'a.b', 'x'.repeat(64), 'a\n', 5])('may not be in namespace %j', (namespace) => {
    expect(pathsOf({ name: 'a', namespace })).toEqual(['release.namespace']);
  });

  it.each(['1.24', 'v1.30.1', '1.30.1-eks-1', 'v1.31.2+k3s1', '2.0'])('may be for Kubernetes %s', (kubeVersion) => {
    expect(pathsOf({ name: 'a', namespace: 'b', kubeVersion })).toEqual([]);
  });
  it.each(['1.23', '0.99', '1', 'latest', '1.30 ', '1.30.x', '', 1.3])(
    'may not be for Kubernetes %j',
    (kubeVersion) => {
      expect(pathsOf({ name: 'a', namespace: 'b', kubeVersion })).toEqual(['release.kubeVersion']);
    },
  );

  it('is for the same versions of Kubernetes as the chart', () => {
    const { metadata } = chartSource({ readme: '' });
    expect(metadata.kubeVersion).toBe(`>=${oldestKubernetes}.0-0`);
  });

  it('has no other properties', () => {
    expect(pathsOf({ name: 'a', namespace: 'b', nameSpace: 'c' })).toEqual(['release.nameSpace']);
  });
});
