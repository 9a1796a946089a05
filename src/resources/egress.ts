import {
  and,
  either,
  equals,
  forEach,
  isNotEmpty,
  namedPart,
  not,
  onlyWhen,
  or,
  scalarText,
  splice,
} from '../expression/build.ts';
import type { Expression, OnlyWhen } from '../expression/node.ts';
import type { NetworkPolicyEgressRule, NetworkPolicyPeer, NetworkPolicyPort } from '../kubernetes/types.ts';
import type { Templated, TemplatedList } from '../expression/templated.ts';
import { values } from '../values/references.ts';
import { type Endpoint, backendEndpoint, hasProxy, isConnector, proxyEndpoint, registersAtStartup } from './facts.ts';
import { chartName } from './names.ts';

const { egress } = values.networkPolicy;

type Rule = Templated<NetworkPolicyEgressRule>;
type Peers = TemplatedList<NetworkPolicyPeer>;

const tcp = (port: number | Expression<number>): Templated<NetworkPolicyPort> => ({ port, protocol: 'TCP' });
const udp = (port: number | Expression<number>): Templated<NetworkPolicyPort> => ({ port, protocol: 'UDP' });

/** Private, shared, link-local and loopback ranges of IPv4: RFC 1918, 6598, 3927, 1122. */
export const privateRanges: readonly string[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
];

/** For IPv6, what RFC 4193 and 4291 leave out. */
const publicAddresses: Peers = [
  { ipBlock: { cidr: '0.0.0.0/0', except: privateRanges } },
  { ipBlock: { cidr: '::/0', except: ['fc00::/7', 'fe80::/10', '::1/128'] } },
];

function blocks(cidrs: Expression<readonly string[]>): Peers {
  return [forEach(cidrs, 'cidr', (cidr) => ({ ipBlock: { cidr } }))];
}

/** kube-dns, the node-local cache by label and by address, and the resolver of Google's clouds. */
const clusterDns: Peers = [
  {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    podSelector: {
      matchExpressions: [{ key: 'k8s-app', operator: 'In', values: ['kube-dns', 'node-local-dns'] }],
    },
  },
  { ipBlock: { cidr: '169.254.20.10/32' } },
  { ipBlock: { cidr: '169.254.169.254/32' } },
];

const dns: OnlyWhen<Rule> = onlyWhen(egress.allowDNS, {
  ports: [udp(egress.dns.port), tcp(egress.dns.port)],
  to: either(isNotEmpty(egress.dns.peers), [splice(egress.dns.peers)], clusterDns),
});

const httpsPort = 443;
const otherPort = (endpoint: Endpoint): Expression<boolean> => not(equals(endpoint.port, httpsPort));

const https: OnlyWhen<Rule> = onlyWhen(egress.allowHTTPS.enabled, {
  ports: [
    tcp(httpsPort),
    onlyWhen(otherPort(backendEndpoint), tcp(backendEndpoint.port)),
    onlyWhen(and(hasProxy, otherPort(proxyEndpoint)), tcp(proxyEndpoint.port)),
  ],
  to: either(isNotEmpty(egress.allowHTTPS.destinations), blocks(egress.allowHTTPS.destinations), publicAddresses),
});

const hasAddress = (endpoint: Endpoint): Expression<boolean> => not(equals(endpoint.addressBlock, ''));

/** A backend in private ranges: those that the user gives, and a literal address in its URL. A proxy is often there too. */
const privateBackend: OnlyWhen<Rule> = onlyWhen(or(isNotEmpty(egress.backend.cidrs), hasAddress(backendEndpoint)), {
  to: [
    ...blocks(egress.backend.cidrs),
    onlyWhen(hasAddress(backendEndpoint), { ipBlock: { cidr: backendEndpoint.addressBlock } }),
  ],
  ports: either(
    isNotEmpty(egress.backend.ports),
    [forEach(egress.backend.ports, 'port', tcp)],
    [tcp(backendEndpoint.port), onlyWhen(hasProxy, tcp(proxyEndpoint.port))],
  ),
});

const proxy: OnlyWhen<Rule> = onlyWhen(and(hasProxy, hasAddress(proxyEndpoint)), {
  to: [{ ipBlock: { cidr: proxyEndpoint.addressBlock } }],
  ports: [tcp(proxyEndpoint.port)],
});

/** Cloudflare's edge; both protocols, since cloudflared falls back from QUIC to HTTP/2. */
const tunnel: OnlyWhen<Rule> = onlyWhen(isConnector, { to: publicAddresses, ports: [udp(7844), tcp(7844)] });

/** The API server is no pod, and often has a private address: no selector matches it. */
function kubernetesApi(isUsed: Expression<boolean>): OnlyWhen<Rule> {
  return onlyWhen(isUsed, {
    ports: [forEach(egress.kubernetesAPI.ports, 'port', tcp)],
    to: blocks(egress.kubernetesAPI.cidrs),
  });
}

const apiSetting = scalarText(egress.kubernetesAPI.enabled);
const isApiAlways = equals(apiSetting, 'true');
const isApiAuto = equals(apiSetting, 'auto');

/** What both the relayer and the Job may reach. */
const shared: Expression<readonly NetworkPolicyEgressRule[]> = namedPart(`${chartName}.backendEgress`, [
  dns,
  https,
  privateBackend,
  proxy,
]);

/** What the relayer's pods may reach. */
export const relayerEgress: Expression<readonly NetworkPolicyEgressRule[]> = namedPart(`${chartName}.egress`, [
  splice(shared),
  tunnel,
  kubernetesApi(or(isApiAlways, and(isApiAuto, registersAtStartup))),
  splice(egress.customRules),
]);

/** What the registration Job may reach. */
export const registrationEgress: Expression<readonly NetworkPolicyEgressRule[]> = namedPart(
  `${chartName}.registrationEgress`,
  [splice(shared), kubernetesApi(or(isApiAlways, isApiAuto)), splice(egress.customRules)],
);
