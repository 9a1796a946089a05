import { and, equals, isNotEmpty, onlyWhen } from '../expression/build.ts';
import type { Service } from '../kubernetes/types.ts';
import type { TemplatedList } from '../expression/templated.ts';
import type { ServicePort } from '../kubernetes/types.ts';
import { values } from '../values/references.ts';
import { hasTunnelMetrics, isStateful } from './facts.ts';
import { metadata, selectorLabels } from './names.ts';
import type { TemplatedResource } from './resource.ts';

const { cloudflare, relayer, service: settings } = values;

const ports: TemplatedList<ServicePort> = [
  { name: 'otlp-grpc', port: relayer.otel.grpcPort, targetPort: 'otlp-grpc', protocol: 'TCP', appProtocol: 'grpc' },
  { name: 'otlp-http', port: relayer.otel.httpPort, targetPort: 'otlp-http', protocol: 'TCP', appProtocol: 'http' },
  { name: 'http', port: relayer.health.port, targetPort: 'http', protocol: 'TCP', appProtocol: 'http' },
  onlyWhen(hasTunnelMetrics, {
    name: 'cloudflared',
    port: cloudflare.sidecar.metrics.port,
    targetPort: 'cloudflared',
    protocol: 'TCP' as const,
    appProtocol: 'http',
  }),
];

const isLoadBalancer = equals(settings.type, 'LoadBalancer');

/** Where agents send their telemetry, and Prometheus finds the metrics. */
export const service: TemplatedResource<Service> = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata({ labels: settings.labels, annotations: settings.annotations }),
  spec: {
    type: settings.type,
    clusterIP: onlyWhen(isNotEmpty(settings.clusterIP), settings.clusterIP),
    internalTrafficPolicy: onlyWhen(isNotEmpty(settings.internalTrafficPolicy), settings.internalTrafficPolicy),
    loadBalancerClass: onlyWhen(
      and(isLoadBalancer, isNotEmpty(settings.loadBalancerClass)),
      settings.loadBalancerClass,
    ),
    loadBalancerSourceRanges: onlyWhen(isLoadBalancer, settings.loadBalancerSourceRanges),
    selector: selectorLabels(),
    ports,
  },
};

/** The names of a StatefulSet's pods. Its label `component` keeps a ServiceMonitor from scraping pods twice. */
export const headlessService: TemplatedResource<Service> = onlyWhen(isStateful, {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata({ suffix: '-headless', component: 'headless' }),
  spec: {
    clusterIP: 'None',
    publishNotReadyAddresses: true,
    selector: selectorLabels(),
    ports: [{ name: 'http', port: relayer.health.port, targetPort: 'http', protocol: 'TCP' }],
  },
});
