import { describe, expect, it } from 'vitest';
import { configurations, objectsOf } from './configurations.ts';
import { podTemplates, render } from './render.ts';
import { restrictedProblems } from './restricted.ts';

describe('the restricted Pod Security Standard', () => {
  it.each(configurations)('is met by every pod of %s', (_, configuration) => {
    const pods = podTemplates(objectsOf(configuration));
    expect(pods.length).toBeGreaterThan(1);
    for (const { of, spec } of pods) expect({ of, problems: restrictedProblems(spec) }).toEqual({ of, problems: [] });
  });

  it.each(configurations)('is exceeded: no container of %s writes to its root file system', (_, configuration) => {
    for (const { spec } of podTemplates(objectsOf(configuration))) {
      for (const { securityContext } of spec.containers) expect(securityContext.readOnlyRootFilesystem).toBe(true);
    }
  });

  it.each([
    [{ runAsNonRoot: null }, 'relayer may run as root'],
    [{ runAsUser: 0 }, 'the pod runs as user 0'],
    [{ seccompProfile: null }, 'relayer has no seccomp profile'],
  ])('is given up by a user who sets podSecurityContext to %o, and by nobody else', (podSecurityContext, problem) => {
    const [, pod] = podTemplates(render({ relayer: { podSecurityContext } }));
    expect(restrictedProblems(pod?.spec)).toContain(problem);
  });

  it('would be missed by the pods that it forbids', () => {
    const container = { name: 'a', securityContext: { privileged: true, capabilities: { add: ['SYS_ADMIN'] } } };
    const spec = { hostNetwork: true, volumes: [{ name: 'v', hostPath: {} }], containers: [container] };
    expect(restrictedProblems(spec)).toEqual([
      'shares a namespace with the host',
      'the volume v is of a forbidden kind',
      'a is privileged',
      'a may gain privileges',
      'a may run as root',
      'a keeps capabilities',
      'a adds capabilities',
      'a has no seccomp profile',
    ]);
  });
});
