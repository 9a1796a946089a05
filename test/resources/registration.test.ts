import { describe, expect, it } from 'vitest';
import { configurations, objectsOf } from './configurations.ts';
import { type KubeObject, all, fullname, one, podTemplates, render } from './render.ts';

const annotationOf = (object: KubeObject, name: string): string | undefined =>
  object.metadata.annotations?.[`helm.sh/${name}`];
const isHook = (object: KubeObject): boolean => annotationOf(object, 'hook') !== undefined;
const installHooks = (objects: readonly KubeObject[]): readonly KubeObject[] =>
  objects.filter((object) => isHook(object) && annotationOf(object, 'hook') !== 'test');
const job = (values = {}): KubeObject => one(render(values), 'Job', '-register').spec;
const container = (values = {}): KubeObject => job(values).template.spec.containers[0];

describe('the hook', () => {
  it('makes everything before what needs it, at a weight of its own', () => {
    const hooks = installHooks(render());
    const weights = hooks.map((object) => Number(annotationOf(object, 'hook-weight')));
    expect(new Set(weights).size).toBe(hooks.length);
    const ordered = hooks.toSorted(
      (a, b) => Number(annotationOf(a, 'hook-weight')) - Number(annotationOf(b, 'hook-weight')),
    );
    expect(ordered.map(({ kind }) => kind)).toEqual([
      'ServiceAccount',
      'Role',
      'RoleBinding',
      'ConfigMap',
      'NetworkPolicy',
      'Job',
    ]);
  });

  it('runs before install and upgrade, cleans up, and leaves the log of a failure', () => {
    for (const object of installHooks(render())) {
      expect(annotationOf(object, 'hook')).toBe('pre-install,pre-upgrade');
      expect(annotationOf(object, 'hook-delete-policy')).toBe('before-hook-creation,hook-succeeded');
      expect(annotationOf(object, 'hook-output-log-policy')).toBe(object.kind === 'Job' ? 'hook-failed' : undefined);
      expect(object.metadata.name).toBe(`${fullname}-register`);
    }
  });

  it.each(configurations)('of %s needs nothing that is made after it', (_, configuration) => {
    const objects = objectsOf(configuration);
    const later = objects.filter((object) => !isHook(object)).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    const [jobObject] = all(objects, 'Job');
    if (jobObject === undefined) return;
    const { spec } = jobObject.spec.template;
    const needed = [
      `ServiceAccount/${spec.serviceAccountName}`,
      ...spec.containers[0].envFrom.map((from: KubeObject) => `ConfigMap/${from.configMapRef.name}`),
      ...(spec.volumes ?? []).map((volume: KubeObject) => `Secret/${volume.secret.secretName}`),
      ...(spec.imagePullSecrets ?? []).map((secret: KubeObject) => `Secret/${secret.name}`),
      ...all(objects, 'RoleBinding').flatMap((binding) => `Role/${binding.roleRef.name}`),
    ];
    for (const name of needed) expect(later).not.toContain(name);
  });

  it.each([
    ['the relayer registers itself', { registration: { mode: 'startup' } }],
    ['nothing registers', { registration: { enabled: false } }],
    ['the cluster has credentials', { backend: { credentials: { existingSecret: 'mine' } } }],
  ])('is not there at all when %s', (_, values) => {
    const objects = render(values);
    expect(installHooks(objects)).toEqual([]);
    expect(all(objects, 'Job')).toEqual([]);
    expect(objects.filter(({ metadata }) => metadata.name.endsWith('-register'))).toEqual([]);
    const without = render({ ...values, tests: { enabled: false } });
    expect(JSON.stringify(without)).not.toContain('helm.sh/hook');
  });
});

describe('the Job', () => {
  it("runs `register` of the relayer's image, once, without a shell", () => {
    expect(job().template.spec.containers).toHaveLength(1);
    expect(container()).toMatchObject({
      name: 'register',
      image: 'ghcr.io/consonant/relayer:1.0.0',
      args: ['register', '--timeout-seconds', '210'],
    });
    expect(container().command).toBeUndefined();
    expect(job().template.spec).toMatchObject({
      restartPolicy: 'Never',
      serviceAccountName: `${fullname}-register`,
      automountServiceAccountToken: true,
    });
  });

  it('ends: it has a deadline, few attempts and no sidecar', () => {
    expect(job()).toMatchObject({ activeDeadlineSeconds: 240, backoffLimit: 2, ttlSecondsAfterFinished: 3600 });
    const values = { activeDeadlineSeconds: 600, backoffLimit: 0, ttlSecondsAfterFinished: 0 };
    expect(job({ registration: values })).toMatchObject(values);
  });

  it('gives up 30 seconds before the deadline', () => {
    const timeout = (values = {}): string => container(values).args.at(-1);
    expect(timeout()).toBe('210');
    expect(timeout({ registration: { activeDeadlineSeconds: 600 } })).toBe('570');
  });

  it('has its files: the token for registering, the authority, the service token', () => {
    expect(job().template.spec.volumes).toBeUndefined();
    expect(container().volumeMounts).toBeUndefined();
    const values = {
      registration: { existingSecret: 'reg' },
      backend: { caSecret: { name: 'ca' } },
      cloudflare: { mode: 'access', access: { existingSecret: 'cf' } },
    };
    const mounts = container(values).volumeMounts.map((mount: KubeObject) => mount.mountPath);
    expect(mounts).toEqual([
      '/var/run/consonant/registration',
      '/var/run/consonant/access',
      '/var/run/consonant/backend-ca',
    ]);
    const secrets = job(values).template.spec.volumes.map((volume: KubeObject) => volume.secret.secretName);
    expect(secrets).toEqual(['reg', 'cf', 'ca']);
  });

  it('is placed and labelled on its own, for a mesh and for tainted nodes', () => {
    const registration = {
      podAnnotations: { 'sidecar.istio.io/inject': 'false' },
      podLabels: { 'sidecar.istio.io/inject': 'false' },
      nodeSelector: { disk: 'fast' },
      tolerations: [{ operator: 'Exists' }],
      extraEnv: [{ name: 'LOG_LEVEL', value: 'debug' }],
      resources: { limits: { cpu: '1' } },
    };
    const { metadata, spec } = job({ registration }).template;
    expect(metadata.annotations).toEqual(registration.podAnnotations);
    expect(metadata.labels).toMatchObject(registration.podLabels);
    expect(spec).toMatchObject({ nodeSelector: registration.nodeSelector, tolerations: registration.tolerations });
    expect(spec.containers[0].resources.limits).toEqual({ cpu: '1', memory: '128Mi' });
    expect(spec.containers[0].env).toContainEqual(registration.extraEnv[0]);
  });

  it('reaches the backend as the relayer does: host names, DNS, priority', () => {
    const relayer = {
      hostAliases: [{ ip: '10.0.0.1', hostnames: ['backend'] }],
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['10.0.0.53'] },
      priorityClassName: 'high',
    };
    expect(job({ relayer }).template.spec).toMatchObject(relayer);
  });

  it('reads its settings from a ConfigMap of its own', () => {
    expect(container().envFrom).toEqual([{ configMapRef: { name: `${fullname}-register` } }]);
  });
});

describe('the account of the Job', () => {
  it("is its own, and the relayer's is another", () => {
    const [registering, running] = podTemplates(render()).map(({ spec }) => spec.serviceAccountName);
    expect(registering).toBe(`${fullname}-register`);
    expect(running).toBe(fullname);
  });

  it("may have another name and annotations, or be the user's", () => {
    const own = { name: 'registrar', annotations: { 'x/y': 'z' } };
    const account = all(render({ registration: { serviceAccount: own } }), 'ServiceAccount', 'registrar')[0];
    expect(account.metadata.annotations).toMatchObject(own.annotations);
    const theirs = render({ registration: { serviceAccount: { create: false, name: 'theirs' } } });
    expect(all(theirs, 'ServiceAccount').map(({ metadata }) => metadata.name)).toEqual([fullname]);
    expect(one(theirs, 'Job', '-register').spec.template.spec.serviceAccountName).toBe('theirs');
    expect(one(theirs, 'RoleBinding', '-register').subjects[0].name).toBe('theirs');
    const none = render({ registration: { serviceAccount: { create: false } } });
    expect(one(none, 'Job', '-register').spec.template.spec.serviceAccountName).toBe('default');
  });
});
