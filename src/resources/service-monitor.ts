import { isNotEmpty, onlyWhen, orDefault, release } from '../expression/build.ts';
import type { ServiceMonitor } from '../kubernetes/types.ts';
import type { Templated } from '../expression/templated.ts';
import { values } from '../values/references.ts';
import { hasTunnelMetrics } from './facts.ts';
import { metadata, selectorLabels } from './names.ts';
import type { TemplatedResource } from './resource.ts';

const { cloudflare, serviceMonitor: settings } = values;

type Endpoint = ServiceMonitor['spec']['endpoints'][number];

/** The same timing and relabelings for the relayer and for cloudflared. */
function endpoint(port: string, path: Templated<string>): Templated<Endpoint> {
  return {
    port,
    path,
    interval: settings.interval,
    scrapeTimeout: onlyWhen(isNotEmpty(settings.scrapeTimeout), settings.scrapeTimeout),
    relabelings: settings.relabelings,
    metricRelabelings: settings.metricRelabelings,
  };
}

export const serviceMonitor: TemplatedResource<ServiceMonitor> = onlyWhen(settings.enabled, {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: metadata({
    namespace: orDefault(settings.namespace, release.namespace),
    labels: settings.labels,
    annotations: settings.annotations,
  }),
  spec: {
    endpoints: [
      endpoint('http', settings.path),
      onlyWhen(hasTunnelMetrics, endpoint('cloudflared', cloudflare.sidecar.metrics.path)),
    ],
    namespaceSelector: { matchNames: [release.namespace] },
    selector: { matchLabels: selectorLabels() },
  },
});
