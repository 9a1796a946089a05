import { describe, expect, it } from 'vitest';
import { schema } from '../../src/values/references.ts';
import { type KubeObject, byName, container, fullname, podOf, podTemplates, render } from './render.ts';

const cloudflared = (sidecar = {}): KubeObject => container(render({ cloudflare: { sidecar } }), 'cloudflared');

describe('cloudflared', () => {
  it('connects the tunnel with a token that it reads from a file', () => {
    const { args, env, volumeMounts } = cloudflared();
    expect(args).toEqual(['tunnel', '--no-autoupdate', 'run']);
    expect(Object.fromEntries(env.map((one: KubeObject) => [one.name, one.value]))).toEqual({
      TUNNEL_TOKEN_FILE: '/var/run/cloudflared/tunnelToken',
      TUNNEL_TRANSPORT_PROTOCOL: 'quic',
      TUNNEL_LOGLEVEL: 'info',
      TUNNEL_METRICS: '0.0.0.0:2000',
    });
    expect(volumeMounts).toEqual([{ name: 'tunnel-token', mountPath: '/var/run/cloudflared', readOnly: true }]);
  });

  it('is of a pinned release that knows TUNNEL_TOKEN_FILE', () => {
    const [, year, month] = /:(\d{4})\.(\d+)\.\d+$/.exec(cloudflared().image) ?? [];
    expect(Number(year) * 100 + Number(month)).toBeGreaterThanOrEqual(2025_04);
    expect(JSON.stringify(schema.defaults)).not.toMatch(/"tag":"latest"|sha256:/);
  });

  it('runs as nobody, without a probe of ours', () => {
    const { securityContext, readinessProbe, livenessProbe, startupProbe } = cloudflared();
    expect(securityContext).toMatchObject({ runAsUser: 65532, runAsGroup: 65532, readOnlyRootFilesystem: true });
    expect([readinessProbe, livenessProbe, startupProbe]).toEqual([undefined, undefined, undefined]);
  });

  it('takes probes, arguments, variables and resources of the user', () => {
    const probe = { httpGet: { path: '/ready', port: 'cloudflared' } };
    const one = cloudflared({
      readinessProbe: probe,
      livenessProbe: probe,
      extraArgs: ['--post-quantum'],
      extraEnv: [{ name: 'TUNNEL_LOGLEVEL', value: 'debug' }],
      protocol: 'http2',
      resources: { limits: { cpu: '1' } },
    });
    expect(one).toMatchObject({ readinessProbe: probe, livenessProbe: probe, resources: { limits: { cpu: '1' } } });
    expect(one.args).toEqual(['tunnel', '--no-autoupdate', '--post-quantum', 'run']);
    expect(byName(one.env)).toMatchObject({
      TUNNEL_LOGLEVEL: { value: 'debug' },
      TUNNEL_TRANSPORT_PROTOCOL: { value: 'http2' },
    });
    expect(one.env).toHaveLength(4);
  });

  it('serves metrics to the cluster, or to nobody outside the pod', () => {
    expect(cloudflared({ metrics: { port: 3000 } }).ports).toEqual([
      { name: 'cloudflared', containerPort: 3000, protocol: 'TCP' },
    ]);
    const closed = cloudflared({ metrics: { enabled: false } });
    expect(closed.ports).toBeUndefined();
    expect(byName(closed.env)['TUNNEL_METRICS'].value).toBe('127.0.0.1:2000');
  });

  it("is in the relayer's pod only: a Job with a sidecar would never end", () => {
    const others = podTemplates(render()).filter(({ of }) => !of.startsWith('Deployment'));
    for (const { spec } of others) expect(spec.containers).toHaveLength(1);
  });

  it.each([{ enabled: false }, { mode: 'access', access: { existingSecret: 'a' } }])(
    'is left out with %o',
    (values) => {
      const objects = render({ cloudflare: values });
      expect(container(objects, 'cloudflared')).toBeUndefined();
      expect(byName(podOf(objects).spec.volumes)['tunnel-token']).toBeUndefined();
    },
  );
});

describe('the token of the tunnel', () => {
  const secretOf = (values: object): KubeObject =>
    byName(podOf(render(values as never)).spec.volumes)['tunnel-token'].secret;

  it("comes from the chart's Secret, whose key is fixed", () => {
    const expected = {
      secretName: `${fullname}-tunnel`,
      items: [{ key: 'tunnelToken', path: 'tunnelToken' }],
      optional: true,
      defaultMode: 0o440,
    };
    expect(secretOf({})).toEqual(expected);
    expect(secretOf({ cloudflare: { existingSecretKey: 'token' } })).toEqual(expected);
  });

  it('comes from an existing Secret, under its key', () => {
    const cloudflare = { tunnelToken: '', existingSecret: 'mine', existingSecretKey: 'token' };
    expect(secretOf({ cloudflare })).toMatchObject({
      secretName: 'mine',
      items: [{ key: 'token', path: 'tunnelToken' }],
    });
  });
});
