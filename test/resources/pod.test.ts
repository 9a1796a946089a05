import { describe, expect, it } from 'vitest';
import { configurations, objectsOf } from './configurations.ts';
import { type KubeObject, all, container, one, podOf, podTemplates, render } from './render.ts';

const specOf = (values = {}) => podOf(render(values)).spec;

describe('the pod', () => {
  it('is placed as the user says', () => {
    const placement = {
      nodeSelector: { disk: 'fast' },
      tolerations: [{ key: 'dedicated', operator: 'Exists' }],
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
      priorityClassName: 'high',
      runtimeClassName: 'gvisor',
      hostAliases: [{ ip: '10.0.0.1', hostnames: ['backend'] }],
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['10.0.0.53'] },
      terminationGracePeriodSeconds: 90,
      initContainers: [{ name: 'first', image: 'init:1' }],
    };
    expect(specOf({ relayer: placement })).toMatchObject(placement);
  });

  it('says nothing of what is not set', () => {
    const keys = Object.keys(specOf());
    for (const key of [
      'nodeSelector',
      'tolerations',
      'priorityClassName',
      'dnsPolicy',
      'dnsConfig',
      'initContainers',
    ]) {
      expect(keys).not.toContain(key);
    }
  });

  it('gets no variables of the services around it, and no Kubernetes token', () => {
    for (const { spec } of podTemplates(render())) expect(spec.enableServiceLinks).toBe(false);
    expect(specOf()).toMatchObject({
      serviceAccountName: 'demo-consonant-relayer',
      automountServiceAccountToken: false,
    });
  });

  it('waits for nothing before it starts: no init container, no start hook', () => {
    const spec = specOf();
    expect(spec.initContainers).toBeUndefined();
    for (const one of spec.containers) expect(one.lifecycle).toBeUndefined();
  });

  it('names the container that kubectl means', () => {
    expect(podOf(render()).metadata.annotations['kubectl.kubernetes.io/default-container']).toBe('relayer');
  });

  it('carries annotations and labels of the user', () => {
    const { metadata } = podOf(render({ relayer: { podLabels: { team: 'a' }, podAnnotations: { 'x/y': 'z' } } }));
    expect(metadata.labels.team).toBe('a');
    expect(metadata.annotations['x/y']).toBe('z');
  });
});

describe('anti-affinity', () => {
  const labels = {
    'app.kubernetes.io/name': 'consonant-relayer',
    'app.kubernetes.io/instance': 'demo',
    'app.kubernetes.io/component': 'relayer',
  };
  const apart = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } };

  it('prefers other nodes than those of this release', () => {
    expect(specOf().affinity.podAntiAffinity).toEqual({
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: apart }],
    });
  });

  it('can be hard, or off', () => {
    expect(specOf({ relayer: { podAntiAffinity: 'hard' } }).affinity.podAntiAffinity).toEqual({
      requiredDuringSchedulingIgnoredDuringExecution: [apart],
    });
    expect(specOf({ relayer: { podAntiAffinity: 'none' } }).affinity).toBeUndefined();
  });

  it("gives way to the user's own affinity", () => {
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } };
    expect(specOf({ relayer: { affinity, podAntiAffinity: 'hard' } }).affinity).toEqual(affinity);
    expect(specOf({ relayer: { affinity: null } }).affinity.podAntiAffinity).toBeDefined();
  });
});

describe('volumes', () => {
  it.each(configurations)('of %s are mounted, and every mount has one', (_, configuration) => {
    const objects = objectsOf(configuration);
    const claims = all(objects, 'StatefulSet').map(({ spec }) => spec.volumeClaimTemplates[0].metadata.name);
    for (const { of, spec } of podTemplates(objects)) {
      const claimed = of.startsWith('StatefulSet') ? claims : [];
      const volumes = [...claimed, ...(spec.volumes ?? []).map(({ name }: { name: string }) => name)];
      const mounts = spec.containers.flatMap((container: KubeObject) => container.volumeMounts ?? []);
      expect(new Set(mounts.map(({ name }: { name: string }) => name))).toEqual(new Set(volumes));
    }
  });
});

describe('lists that are merged by name', () => {
  it("take the user's volume for ours of the same name", () => {
    const volumes = specOf({
      relayer: {
        extraVolumes: [
          { name: 'queue', hostPath: { path: '/queue' } },
          { name: 'more', emptyDir: {} },
        ],
      },
    }).volumes;
    expect(volumes.filter(({ name }: { name: string }) => name === 'queue')).toEqual([
      { name: 'queue', hostPath: { path: '/queue' } },
    ]);
    expect(volumes.map(({ name }: { name: string }) => name)).toEqual([
      'cluster-credentials',
      'tunnel-token',
      'queue',
      'more',
    ]);
  });

  it("take the user's mount for ours at the same path", () => {
    const mount = { name: 'queue', mountPath: '/var/lib/consonant/queue', subPath: 'a' };
    const { volumeMounts } = container(render({ relayer: { extraVolumeMounts: [mount] } }), 'relayer');
    expect(volumeMounts.filter((one: { mountPath: string }) => one.mountPath === mount.mountPath)).toEqual([mount]);
  });

  it("take the user's container for ours of the same name", () => {
    const own = { name: 'cloudflared', image: 'mine:1' };
    const { containers } = specOf({ relayer: { extraContainers: [own, { name: 'log', image: 'log:1' }] } });
    expect(containers.map(({ name }: { name: string }) => name)).toEqual(['relayer', 'cloudflared', 'log']);
    expect(containers[1]).toEqual(own);
  });

  it('take the last of two that the user gives', () => {
    const extraEnv = [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
      { name: 'POD_NAME', value: 'x' },
    ];
    expect(container(render({ relayer: { extraEnv } }), 'relayer').env).toEqual([
      { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
      { name: 'A', value: '2' },
      { name: 'POD_NAME', value: 'x' },
    ]);
  });

  it('hold every pull secret once, the global ones too, in every pod', () => {
    const values = {
      global: { imagePullSecrets: [{ name: 'global' }, { name: 'both' }] },
      relayer: { imagePullSecrets: [{ name: 'both' }, { name: 'own' }] },
    };
    const pods = podTemplates(render(values));
    expect(pods.map(({ of }) => of.split('/')[0])).toEqual(['Job', 'Deployment', 'Pod']);
    for (const { spec } of pods) {
      expect(spec.imagePullSecrets).toEqual([{ name: 'global' }, { name: 'both' }, { name: 'own' }]);
    }
  });
});

describe('checksums', () => {
  const annotationsOf = (values = {}) => podOf(render(values)).metadata.annotations;

  it('change with any setting of the relayer, so that the pods are replaced', () => {
    const before = annotationsOf()['checksum/config'];
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(annotationsOf({ relayer: { logLevel: 'debug' } })['checksum/config']).not.toBe(before);
    expect(annotationsOf({ cluster: { metadata: { a: 1 } } })['checksum/config']).not.toBe(before);
  });

  it('stay when nothing that the pods read has changed', () => {
    const before = annotationsOf();
    expect(annotationsOf({ podDisruptionBudget: { enabled: false }, llm: { apiKey: 'sk-other' } })).toEqual(before);
  });

  it('change with a tunnel token in the values, which cloudflared reads only when it starts', () => {
    const before = annotationsOf()['checksum/tunnel-token'];
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(annotationsOf({ cloudflare: { tunnelToken: 'eyJ-other' } })['checksum/tunnel-token']).not.toBe(before);
    for (const cloudflare of [{ enabled: false }, { tunnelToken: '', existingSecret: 'mine' }]) {
      expect(annotationsOf({ cloudflare })['checksum/tunnel-token']).toBeUndefined();
    }
  });

  it('are the same for the two names of the token', () => {
    const alias = { cloudflare: { tunnelToken: '' }, secrets: { kubernetes: { tunnelToken: 'eyJ-token' } } };
    expect(annotationsOf(alias)).toEqual(annotationsOf());
  });
});

describe('OpenShift', () => {
  it('may choose the users itself: a null takes ours away', () => {
    const objects = render({
      relayer: { podSecurityContext: { runAsUser: null, runAsGroup: null, fsGroup: null } },
      cloudflare: { sidecar: { securityContext: { runAsUser: null, runAsGroup: null } } },
    });
    for (const { spec } of podTemplates(objects)) {
      expect(spec.securityContext).toEqual({
        runAsNonRoot: true,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      });
    }
    expect(Object.keys(container(objects, 'cloudflared').securityContext)).not.toContain('runAsUser');
    expect(one(objects, 'Deployment').spec.template.spec.containers[1].securityContext.runAsNonRoot).toBe(true);
  });
});
