import { describe, expect, it } from 'vitest';
import { type KubeObject, byName, container, one, problems, render } from './render.ts';
import { configurations, objectsOf } from './configurations.ts';

const specOf = (service = {}) => one(render({ service }), 'Service').spec;

describe('the Service', () => {
  it('is within the cluster and has a port for each use', () => {
    expect(specOf()).toMatchObject({
      type: 'ClusterIP',
      ports: [
        { name: 'otlp-grpc', port: 4317, targetPort: 'otlp-grpc', appProtocol: 'grpc' },
        { name: 'otlp-http', port: 4318, targetPort: 'otlp-http', appProtocol: 'http' },
        { name: 'http', port: 8080, targetPort: 'http', appProtocol: 'http' },
        { name: 'cloudflared', port: 2000, targetPort: 'cloudflared', appProtocol: 'http' },
      ],
    });
  });

  it('follows the ports of the pod', () => {
    const values = {
      relayer: { otel: { grpcPort: 1, httpPort: 2 }, health: { port: 3 } },
      cloudflare: { sidecar: { metrics: { port: 4 } } },
    };
    const { ports } = one(render(values), 'Service').spec;
    expect(ports.map(({ port }: KubeObject) => port)).toEqual([1, 2, 3, 4]);
  });

  it.each(configurations)('leads to ports that the pods of %s have', (_, configuration) => {
    const objects = objectsOf(configuration);
    const open = [container(objects, 'relayer'), container(objects, 'cloudflared')].flatMap((one) => one?.ports ?? []);
    for (const service of objects.filter(({ kind }) => kind === 'Service')) {
      for (const { targetPort, port } of service.spec.ports) {
        expect(byName(open)[targetPort]?.containerPort).toBe(port);
      }
    }
  });

  it('takes annotations, labels and where its traffic may go', () => {
    const { metadata, spec } = one(
      render({
        service: {
          annotations: { 'x/y': 'z' },
          labels: { team: 'a' },
          clusterIP: '10.0.0.9',
          internalTrafficPolicy: 'Local',
        },
      }),
      'Service',
    );
    expect(metadata).toMatchObject({ annotations: { 'x/y': 'z' }, labels: { team: 'a' } });
    expect(spec).toMatchObject({ clusterIP: '10.0.0.9', internalTrafficPolicy: 'Local' });
    expect(Object.keys(specOf())).toEqual(['type', 'selector', 'ports']);
  });

  it('takes the settings of a load balancer only when it is one', () => {
    const balancer = { loadBalancerClass: 'example.com/lb', loadBalancerSourceRanges: ['203.0.113.0/24'] };
    expect(specOf({ type: 'LoadBalancer', ...balancer })).toMatchObject({ type: 'LoadBalancer', ...balancer });
    expect(Object.keys(specOf(balancer))).not.toContain('loadBalancerClass');
    expect(Object.keys(specOf(balancer))).not.toContain('loadBalancerSourceRanges');
  });

  it('may be headless, so that gRPC senders spread over the pods', () => {
    expect(specOf({ clusterIP: 'None' }).clusterIP).toBe('None');
    expect(problems({ service: { clusterIP: 'None', type: 'NodePort' } })).toHaveLength(1);
  });
});
