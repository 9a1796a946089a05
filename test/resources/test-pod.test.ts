import { describe, expect, it } from 'vitest';
import { byName, all, fullname, one, render } from './render.ts';

const pod = (values = {}) => one(render(values), 'Pod', '-test');

describe('the pod of `helm test`', () => {
  it("probes the Service with the relayer's image, and ends", () => {
    const { spec } = pod();
    expect(spec).toMatchObject({ restartPolicy: 'Never', automountServiceAccountToken: false });
    expect(spec.containers).toHaveLength(1);
    expect(spec.containers[0]).toMatchObject({
      image: 'ghcr.io/consonant/relayer:1.0.0',
      args: ['probe', '--host', `${fullname}.relay.svc`],
    });
  });

  it('knows the ports of the Service', () => {
    const values = { relayer: { otel: { grpcPort: 1, httpPort: 2 }, health: { port: 3 } } };
    expect(byName(pod(values).spec.containers[0].env)).toMatchObject({
      OTLP_GRPC_PORT: { value: '1' },
      OTLP_HTTP_PORT: { value: '2' },
      HEALTH_PORT: { value: '3' },
    });
  });

  it('is a test hook that stays until the next test, so that `helm test --logs` finds its log', () => {
    expect(pod().metadata.annotations).toEqual({
      'helm.sh/hook': 'test',
      'helm.sh/hook-delete-policy': 'before-hook-creation',
    });
  });

  it('is placed and labelled like the registration, so that it ends in a mesh too', () => {
    const registration = {
      podAnnotations: { 'sidecar.istio.io/inject': 'false' },
      podLabels: { 'sidecar.istio.io/inject': 'false', 'app.kubernetes.io/component': 'relayer' },
      nodeSelector: { disk: 'fast' },
      tolerations: [{ operator: 'Exists' }],
    };
    const { metadata, spec } = pod({ registration });
    expect(metadata.annotations).toMatchObject(registration.podAnnotations);
    expect(metadata.labels).toMatchObject({
      'sidecar.istio.io/inject': 'false',
      'app.kubernetes.io/component': 'test',
    });
    expect(spec).toMatchObject({ nodeSelector: registration.nodeSelector, tolerations: registration.tolerations });
  });

  it('can be switched off', () => {
    expect(all(render({ tests: { enabled: false } }), 'Pod')).toEqual([]);
  });
});
