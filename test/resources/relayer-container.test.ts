import { describe, expect, it } from 'vitest';
import { type KubeObject, byName, container, fullname, podOf, render } from './render.ts';

const relayer = (values = {}): KubeObject => container(render(values), 'relayer');

/** Where each volume is mounted in the relayer, with the Secret and keys that it shows. */
function filesOf(values = {}): KubeObject {
  const objects = render(values);
  const volumes = byName(podOf(objects).spec.volumes);
  const mounts: readonly KubeObject[] = container(objects, 'relayer').volumeMounts;
  return Object.fromEntries(
    mounts
      .filter(({ name }) => volumes[name]?.secret !== undefined)
      .map(({ name, mountPath }) => {
        const { secretName, items } = volumes[name].secret;
        return [mountPath, [secretName, ...items.map((item: KubeObject) => `${item.key} as ${item.path}`)]];
      }),
  );
}

describe("the relayer's container", () => {
  it('runs `run` of the image', () => {
    expect(relayer()).toMatchObject({
      name: 'relayer',
      image: 'ghcr.io/consonant/relayer:1.0.0',
      imagePullPolicy: 'IfNotPresent',
      args: ['run'],
    });
  });

  it('has a port for each protocol, under the names that the Service and the probes use', () => {
    const values = { relayer: { otel: { grpcPort: 14317, httpPort: 14318 }, health: { port: 18080 } } };
    expect(relayer(values).ports).toEqual([
      { name: 'otlp-grpc', containerPort: 14317, protocol: 'TCP' },
      { name: 'otlp-http', containerPort: 14318, protocol: 'TCP' },
      { name: 'http', containerPort: 18080, protocol: 'TCP' },
    ]);
  });

  it('is ready when it can accept data, whether or not the backend is connected', () => {
    const { startupProbe, livenessProbe, readinessProbe } = relayer();
    expect(startupProbe).toEqual({
      httpGet: { path: '/livez', port: 'http' },
      initialDelaySeconds: 0,
      periodSeconds: 1,
      timeoutSeconds: 3,
      failureThreshold: 60,
    });
    expect(livenessProbe).toMatchObject({ httpGet: { path: '/livez', port: 'http' }, failureThreshold: 6 });
    expect(readinessProbe).toMatchObject({ httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 5 });
  });

  it.each(['startup', 'liveness', 'readiness'])('takes the timing of the %s probe', (name) => {
    const timing = { initialDelaySeconds: 1, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 4 };
    expect(relayer({ relayer: { health: { [name]: timing } } })[`${name}Probe`]).toMatchObject(timing);
  });

  it('reads its settings from the ConfigMap; what a user adds comes later and wins', () => {
    const { envFrom, env } = relayer({
      relayer: { extraEnvFrom: [{ secretRef: { name: 'more' } }], extraEnv: [{ name: 'LOG_LEVEL', value: 'debug' }] },
    });
    expect(envFrom).toEqual([{ configMapRef: { name: `${fullname}-config` } }, { secretRef: { name: 'more' } }]);
    expect(env.map((one: KubeObject) => one.name)).toEqual(['POD_NAME', 'POD_NAMESPACE', 'LOG_LEVEL']);
  });

  it('keeps its queue on a volume with room beside the data', () => {
    const queue = (values = {}) => byName(podOf(render(values)).spec.volumes)['queue'];
    expect(relayer().volumeMounts).toContainEqual({ name: 'queue', mountPath: '/var/lib/consonant/queue' });
    expect(queue()).toEqual({ name: 'queue', emptyDir: { sizeLimit: 1.25 * 2 ** 30 } });
    expect(queue({ relayer: { queue: { maxBytes: 2 ** 21 } } }).emptyDir.sizeLimit).toBe(1.25 * 2 ** 21);
    expect(queue({ relayer: { queue: { emptyDir: { sizeLimit: '3Gi' } } } }).emptyDir.sizeLimit).toBe('3Gi');
  });

  it('takes resources, lifecycle and security context as they are given', () => {
    const lifecycle = { preStop: { exec: { command: ['sleep', '5'] } } };
    const values = { relayer: { lifecycle, resources: { limits: { cpu: 2 } }, securityContext: { runAsUser: 7 } } };
    expect(relayer(values)).toMatchObject({
      lifecycle,
      resources: { limits: { cpu: 2, memory: '512Mi' } },
      securityContext: { runAsUser: 7, readOnlyRootFilesystem: true },
    });
  });
});

describe('secrets of the relayer', () => {
  const own = ['demo-consonant-relayer-cluster', 'clusterId as clusterId', 'clusterToken as clusterToken'];

  it("are files; by default only the cluster's credentials", () => {
    expect(filesOf()).toEqual({ '/var/run/consonant/cluster': own });
  });

  it('are optional, whole directories and readable by the group alone', () => {
    const objects = render({ backend: { caSecret: { name: 'ca' } } });
    const secrets = podOf(objects).spec.volumes.filter(({ secret }: KubeObject) => secret !== undefined);
    expect(secrets).toHaveLength(3);
    for (const { secret } of secrets) expect(secret).toMatchObject({ optional: true, defaultMode: 0o440 });
    for (const mount of container(objects, 'relayer').volumeMounts) {
      expect(mount.subPath).toBeUndefined();
      expect(mount.readOnly).toBe(mount.name === 'queue' ? undefined : true);
    }
  });

  it('come from an existing Secret under the keys that it has', () => {
    const credentials = { existingSecret: 'mine', existingSecretKeys: { clusterId: 'id', clusterToken: 'token' } };
    expect(filesOf({ backend: { credentials } })).toEqual({
      '/var/run/consonant/cluster': ['mine', 'id as clusterId', 'token as clusterToken'],
    });
  });

  it('have the keys that registering writes once the existing Secret is taken away', () => {
    const credentials = { existingSecret: '', existingSecretKeys: { clusterId: 'id', clusterToken: 'token' } };
    expect(filesOf({ backend: { credentials } })['/var/run/consonant/cluster']).toEqual(own);
  });

  it('include the authority of a self-hosted backend', () => {
    expect(
      filesOf({ backend: { caSecret: { name: 'ca', key: 'root.pem' } } })['/var/run/consonant/backend-ca'],
    ).toEqual(['ca', 'root.pem as ca.crt']);
  });

  it('include the service token in access mode', () => {
    const cloudflare = { mode: 'access', tunnelToken: '', access: { existingSecret: 'cf' } };
    expect(filesOf({ cloudflare })['/var/run/consonant/access']).toEqual([
      'cf',
      'clientId as clientId',
      'clientSecret as clientSecret',
    ]);
    expect(filesOf({ cloudflare: { ...cloudflare, enabled: false } })).toEqual({ '/var/run/consonant/cluster': own });
  });

  it('include the token for registering only when the relayer itself registers', () => {
    const registration = { existingSecret: 'reg', existingSecretKey: 'bearer' };
    const directory = '/var/run/consonant/registration';
    expect(filesOf({ registration })[directory]).toBeUndefined();
    expect(filesOf({ registration: { ...registration, mode: 'startup' } })[directory]).toEqual([
      'reg',
      'bearer as token',
    ]);
    const credentials = { existingSecret: 'mine' };
    expect(filesOf({ registration: { ...registration, mode: 'startup' }, backend: { credentials } })[directory]).toBe(
      undefined,
    );
  });
});
