import { forEach, isNotEmpty, keepEmpty, namedPart, onlyWhen, or, splice } from '../expression/build.ts';
import type { Expression } from '../expression/node.ts';
import type { NetworkPolicy, NetworkPolicyIngressRule, NetworkPolicyPeer } from '../kubernetes/types.ts';
import type { TemplatedList } from '../expression/templated.ts';
import { values } from '../values/references.ts';
import { relayerEgress } from './egress.ts';
import { agentNamespaces, hasTunnelMetrics } from './facts.ts';
import { chartName, metadata, selectorLabels } from './names.ts';
import type { TemplatedResource } from './resource.ts';

const { cloudflare, kagent, networkPolicy: settings, relayer, tests } = values;
const { ingress } = settings;

/** Pods that look like agents, in the agents' namespaces and in the release's own. */
const agents: TemplatedList<NetworkPolicyPeer> = [
  forEach(kagent.podSelectors, 'podSelector', (podSelector) => ({
    namespaceSelector: {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: agentNamespaces }],
    },
    podSelector: { matchLabels: keepEmpty(podSelector) },
  })),
  splice(ingress.agents),
];

const otlpPorts = [
  { port: relayer.otel.grpcPort, protocol: 'TCP' as const },
  { port: relayer.otel.httpPort, protocol: 'TCP' as const },
];
const healthPort = { port: relayer.health.port, protocol: 'TCP' as const };

const rules: Expression<readonly NetworkPolicyIngressRule[]> = namedPart(`${chartName}.ingress`, [
  onlyWhen(or(isNotEmpty(kagent.podSelectors), isNotEmpty(ingress.agents)), {
    from: agents,
    ports: otlpPorts,
  }),
  onlyWhen(tests.enabled, {
    from: [{ podSelector: { matchLabels: selectorLabels('test') } }],
    ports: [...otlpPorts, healthPort],
  }),
  onlyWhen(isNotEmpty(ingress.monitoring), {
    from: [splice(ingress.monitoring)],
    ports: [
      healthPort,
      onlyWhen(hasTunnelMetrics, { port: cloudflare.sidecar.metrics.port, protocol: 'TCP' as const }),
    ],
  }),
  splice(ingress.customRules),
]);

/** Everything that no rule names is denied, both ways. An empty `from` would allow all: such a rule is left out. */
export const networkPolicy: TemplatedResource<NetworkPolicy> = onlyWhen(settings.enabled, {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: metadata(),
  spec: {
    podSelector: { matchLabels: selectorLabels() },
    ingress: rules,
    egress: relayerEgress,
    policyTypes: ['Ingress', 'Egress'],
  },
});
