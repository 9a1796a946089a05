import type { k8s } from 'cdk8s-plus-28';
import { z } from 'zod';
import { boolean, cidrList, port, filledPortList, portList } from './fields.ts';
import { fragments, openMapsOf } from './fragments.ts';
import type { Plain } from '../kubernetes/plain.ts';

const Ingress = z
  .strictObject({
    agents: fragments<k8s.NetworkPolicyPeer>('Peers that may send telemetry, beside those of `kagent`'),
    monitoring: openMapsOf<Plain<k8s.NetworkPolicyPeer>>(
      [{ namespaceSelector: {}, podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } } }],
      'Peers that may read metrics and health',
    ),
    customRules: fragments<k8s.NetworkPolicyIngressRule>('More ingress rules'),
  })
  .prefault({})
  .describe('Who may reach the relayer');

const Dns = z
  .strictObject({
    peers: fragments<k8s.NetworkPolicyPeer>(
      'DNS servers. Empty: the pods k8s-app=kube-dns or node-local-dns in kube-system, 169.254.20.10 and 169.254.169.254',
    ),
    port: port(53, 'Port of the DNS servers, UDP and TCP; of pods it is the port of the container'),
  })
  .prefault({})
  .describe('Where the DNS servers are');

const Https = z
  .strictObject({
    enabled: boolean(true, 'Allow HTTPS to the destinations'),
    destinations: cidrList('Ranges that may be reached. Empty: all public addresses, no private ones'),
  })
  .prefault({})
  .describe('TCP 443, and the port of `backend.url`');

const PrivateBackend = z
  .strictObject({
    cidrs: cidrList('Ranges of the backend, and of a proxy on the way to it'),
    ports: portList([], 'Ports of the backend. Empty: the port of `backend.url`, and that of `backend.proxy.url`'),
  })
  .prefault({})
  .describe('A backend with a private address');

const KubernetesApi = z
  .strictObject({
    enabled: z
      .union([
        z.boolean().describe('Always or never'),
        z.literal('auto').describe('For the pods that use it: the Job, or the relayer that registers itself'),
      ])
      .default('auto')
      .describe('Allow the Kubernetes API; auto: for the Job, or for the relayer with `registration.mode` startup'),
    cidrs: cidrList('Ranges of the API servers. Empty: any address'),
    ports: filledPortList([443, 6443], 'Ports of the API servers: also 8443 for minikube, 16443 for microk8s'),
  })
  .prefault({})
  .describe('The Kubernetes API');

const Egress = z
  .strictObject({
    allowDNS: boolean(true, 'Allow DNS'),
    dns: Dns,
    allowHTTPS: Https,
    backend: PrivateBackend,
    kubernetesAPI: KubernetesApi,
    customRules: fragments<k8s.NetworkPolicyEgressRule>('More egress rules'),
  })
  .prefault({})
  .describe('What the relayer and the Job may reach');

export const NetworkPolicy = z
  .strictObject({
    enabled: boolean(true, 'Create NetworkPolicies that deny everything else, both ways'),
    ingress: Ingress,
    egress: Egress,
  })
  .prefault({})
  .describe('Network isolation of the relayer');
