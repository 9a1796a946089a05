import { describe, expect, it } from 'vitest';
import { configurations, objectsOf } from './configurations.ts';
import { type KubeObject, all, fullname, one, podOf, podTemplates, render } from './render.ts';

describe('the rights', () => {
  it.each(configurations)('of %s are no more than one Secret by its name', (_, configuration) => {
    const objects = objectsOf(configuration);
    expect(objects.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([]);
    for (const role of all(objects, 'Role')) {
      expect(role.rules).toEqual([
        {
          apiGroups: [''],
          resources: ['secrets'],
          resourceNames: [expect.stringMatching(/-cluster$/)],
          verbs: ['get', 'create', 'patch'],
        },
      ]);
    }
  });

  it("are the Job's alone while a Job registers", () => {
    const objects = render();
    expect(all(objects, 'Role').map(({ metadata }) => metadata.name)).toEqual([`${fullname}-register`]);
    expect(one(objects, 'RoleBinding', '-register')).toMatchObject({
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: `${fullname}-register` },
      subjects: [{ kind: 'ServiceAccount', name: `${fullname}-register`, namespace: 'relay' }],
    });
  });

  it("are the relayer's while it registers itself, as ordinary objects", () => {
    const objects = render({ registration: { mode: 'startup' } });
    expect(one(objects, 'RoleBinding').subjects).toEqual([
      { kind: 'ServiceAccount', name: fullname, namespace: 'relay' },
    ]);
    expect(one(objects, 'Role').metadata.annotations).toBeUndefined();
    expect(all(objects, 'Role')).toHaveLength(1);
  });

  it("are nobody's when nothing registers", () => {
    for (const values of [
      { registration: { enabled: false } },
      { backend: { credentials: { existingSecret: 'm' } } },
    ]) {
      const objects = render(values);
      expect([...all(objects, 'Role'), ...all(objects, 'RoleBinding')]).toEqual([]);
    }
  });

  it('can be left to the user, without touching the accounts', () => {
    for (const mode of ['job', 'startup']) {
      const objects = render({ rbac: { create: false }, registration: { mode } });
      expect([...all(objects, 'Role'), ...all(objects, 'RoleBinding')]).toEqual([]);
      expect(all(objects, 'ServiceAccount')).toHaveLength(mode === 'job' ? 2 : 1);
    }
  });
});

describe('the token of Kubernetes', () => {
  const mounted = (values = {}) =>
    podTemplates(render(values)).map(({ of, spec }) => [of.split('/')[0], spec.automountServiceAccountToken]);

  it('is only where it is used', () => {
    expect(mounted()).toEqual([
      ['Job', true],
      ['Deployment', false],
      ['Pod', false],
    ]);
    expect(mounted({ registration: { mode: 'startup' } })).toEqual([
      ['Deployment', false],
      ['Pod', false],
    ]);
    expect(
      mounted({ registration: { mode: 'startup' }, backend: { credentials: { existingSecret: 'm' } } })[0],
    ).toEqual(['Deployment', false]);
  });

  const directory = '/var/run/secrets/kubernetes.io/serviceaccount';
  const containersWithToken = (values = {}): readonly string[] =>
    podOf(render(values))
      .spec.containers.filter((one: KubeObject) =>
        one.volumeMounts.some(({ mountPath }: KubeObject) => mountPath === directory),
      )
      .map(({ name }: KubeObject) => name);

  it('is in the container of a relayer that registers itself, and not in cloudflared beside it', () => {
    const values = { registration: { mode: 'startup' } };
    const { spec } = podOf(render(values));
    expect(spec.containers).toHaveLength(2);
    expect(containersWithToken(values)).toEqual(['relayer']);
    const mounts = spec.containers[0].volumeMounts;
    expect(mounts.at(-1)).toEqual({ name: 'kube-api-access', mountPath: directory, readOnly: true });
    const volumes: readonly KubeObject[] = spec.volumes;
    expect(volumes.find(({ name }) => name === 'kube-api-access')?.projected).toEqual({
      defaultMode: 0o440,
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
      ],
    });
    expect(containersWithToken()).toEqual([]);
    expect(containersWithToken({ ...values, backend: { credentials: { existingSecret: 'm' } } })).toEqual([]);
  });

  it('is mounted by Kubernetes, and once, when the user wants it', () => {
    const serviceAccount = { automount: true };
    expect(mounted({ serviceAccount })).toContainEqual(['Deployment', true]);
    expect(mounted({ serviceAccount, registration: { mode: 'startup' } })).toContainEqual(['Deployment', true]);
    expect(containersWithToken({ serviceAccount, registration: { mode: 'startup' } })).toEqual([]);
  });

  it('is mounted by no account on its own', () => {
    for (const account of all(render(), 'ServiceAccount')) expect(account.automountServiceAccountToken).toBe(false);
  });
});

describe("the relayer's account", () => {
  const accountOf = (serviceAccount = {}): string =>
    podTemplates(render({ serviceAccount })).find(({ of }) => of.startsWith('Deployment'))?.spec.serviceAccountName;

  it.each([
    [{}, fullname],
    [{ name: 'mine' }, 'mine'],
    [{ create: false }, 'default'],
    [{ create: false, name: 'theirs' }, 'theirs'],
  ])('with %o is %s', (settings, name) => {
    expect(accountOf(settings)).toBe(name);
  });

  it('is made with the annotations of a cloud provider', () => {
    const annotations = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/x' };
    const account = one(render({ serviceAccount: { annotations } }), 'ServiceAccount');
    expect(account.metadata.annotations).toEqual(annotations);
    expect(all(render({ serviceAccount: { create: false } }), 'ServiceAccount', fullname)).toEqual([]);
  });
});
