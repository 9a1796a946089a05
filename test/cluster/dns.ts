import { addresses, backendHosts } from './addresses.ts';
import { dnsImage } from './images/images.ts';
import type { Kube } from './kube.ts';

const labels = { 'k8s-app': 'kube-dns' };
const metadata = { name: 'coredns', namespace: 'kube-system', labels };

/**
 * Cloudflare's edge, as cloudflared looks it up: two regions with an address each, where nothing answers. Taken
 * out and put back by the scenario of an edge that does not resolve.
 */
export const deadEdge = `template IN SRV _v2-origintunneld._tcp.argotunnel.com {
    answer "{{ .Name }} 60 IN SRV 1 1 7844 edge-1.test."
    answer "{{ .Name }} 60 IN SRV 2 1 7844 edge-2.test."
  }`;

/** The cluster's DNS, in a pod labelled as charts expect it, with the backend's names. */
export async function startDns(kube: Kube): Promise<void> {
  await kube.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'coredns' },
      rules: [
        { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'coredns' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'coredns' },
      subjects: [{ kind: 'ServiceAccount', name: 'coredns', namespace: 'kube-system' }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: corefile(deadEdge) } },
    deployment,
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, name: 'kube-dns' },
      spec: {
        clusterIP: addresses.dnsService,
        selector: labels,
        ports: ['UDP', 'TCP'].map((protocol) => ({ name: `dns-${protocol.toLowerCase()}`, port: 53, protocol })),
      },
    },
  );
  await kube.kubectl(['rollout', 'status', '-n', 'kube-system', 'deployment/coredns', '--timeout=120s'], {
    timeoutMs: 130_000,
  });
}

/** @param edge what answers for Cloudflare's edge; empty: nothing does */
export function corefile(edge: string): string {
  return `.:53 {
  errors
  health
  ready
  cache 5
  ${edge}
  hosts {
    ${addresses.backend} ${backendHosts.join(' ')}
    ${addresses.edge[0]} edge-1.test
    ${addresses.edge[1]} edge-2.test
    ttl 5
    fallthrough
  }
  kubernetes cluster.local in-addr.arpa
}
`;
}

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: 'coredns',
        dnsPolicy: 'Default',
        containers: [
          {
            name: 'coredns',
            image: dnsImage,
            args: ['-conf', '/etc/coredns/Corefile'],
            readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
            volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
          },
        ],
        volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
      },
    },
  },
};
