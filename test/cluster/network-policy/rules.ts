import type { KubeObject } from '../kube.ts';

export interface ClusterState {
  readonly pods: readonly KubeObject[];
  readonly namespaces: readonly KubeObject[];
  readonly policies: readonly KubeObject[];
}

const tableName = 'network-policies';

type Labels = Readonly<Record<string, string>>;
type Direction = 'ingress' | 'egress';

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly Requirement[];
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface Peer {
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
}

interface Port {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly Port[];
}

/**
 * What nftables must load so that IPv4 traffic of pods obeys the NetworkPolicies of `state`; it replaces what was
 * loaded before in one step. A pod's own chains list what is allowed and reject the rest:
 *
 *   forward ─► chain of the sender (egress) ─► chain of the receiver (ingress)
 *   input   ─► chain of the sender: the node itself, so also the API server
 *
 * As with any network plugin, the node reaches every pod and replies pass. @throws Error at named ports
 */
export function rulesOf(state: ClusterState): string {
  const pods = state.pods.filter(hasAddress);
  const isolated = (direction: Direction): readonly (readonly [KubeObject, readonly KubeObject[]])[] =>
    pods
      .map((pod) => [pod, state.policies.filter((policy) => governs(policy, direction, pod))] as const)
      .filter(([, policies]) => policies.length > 0);
  const chains = (['egress', 'ingress'] as const).map((direction) => ({ direction, pods: isolated(direction) }));
  const jumps = chains.flatMap(({ direction, pods }) =>
    jumpsTo(
      direction,
      pods.map(([pod]) => pod),
    ),
  );
  const replies = 'ct state established,related accept';
  const base = (hook: string, lines: readonly string[]): readonly string[] => [
    `chain ${hook} { type filter hook ${hook} priority filter; policy accept;`,
    ...[replies, ...lines].map((line) => `  ${line}`),
    '}',
  ];
  const own = chains.flatMap(({ direction, pods: isolated }) =>
    isolated.flatMap(([pod, policies]) => chainOf(direction, pod, policies, { ...state, pods })),
  );
  const toNode = jumps.filter((line) => line.startsWith('ip saddr'));
  return [
    `table ip ${tableName}`,
    `delete table ip ${tableName}`,
    `table ip ${tableName} {`,
    ...[...own, ...base('forward', jumps), ...base('input', toNode)].map((line) => `  ${line}`),
    '}',
    '',
  ].join('\n');
}

function hasAddress({ spec, status }: KubeObject): boolean {
  return status?.podIP !== undefined && spec.hostNetwork !== true && !['Succeeded', 'Failed'].includes(status.phase);
}

function governs(policy: KubeObject, direction: Direction, pod: KubeObject): boolean {
  const { spec, metadata } = policy;
  const types: readonly string[] = spec.policyTypes ?? ['Ingress', ...(spec.egress ? ['Egress'] : [])];
  const named = types.some((type) => type.toLowerCase() === direction);
  return named && metadata.namespace === pod.metadata.namespace && selects(spec.podSelector, pod.metadata.labels);
}

function jumpsTo(direction: Direction, pods: readonly KubeObject[]): readonly string[] {
  if (pods.length === 0) return [];
  const entries = pods.map((pod) => `${pod['status'].podIP} : jump ${chainName(direction, pod)}`);
  return [`ip ${direction === 'egress' ? 'saddr' : 'daddr'} vmap { ${entries.join(', ')} }`];
}

function chainName(direction: Direction, pod: KubeObject): string {
  return `${direction}-${String(pod['status'].podIP).replaceAll('.', '-')}`;
}

function chainOf(
  direction: Direction,
  pod: KubeObject,
  policies: readonly KubeObject[],
  state: ClusterState,
): readonly string[] {
  const allowed = policies.flatMap((policy) => {
    const rules = (policy['spec'][direction] ?? []) as readonly Rule[];
    return rules.flatMap((rule) => matchesOf(direction, rule, policy.metadata.namespace ?? '', state));
  });
  const comment = `${pod.metadata.namespace}/${pod.metadata.name}`;
  return [
    `chain ${chainName(direction, pod)} { # ${comment}`,
    ...[...new Set(allowed)].map((match) => `  ${match}return`.trimEnd()),
    '  reject with icmp type admin-prohibited',
    '}',
  ];
}

/** Every combination of peer and port, each ending in a space when there is anything to match. */
function matchesOf(direction: Direction, rule: Rule, namespace: string, state: ClusterState): readonly string[] {
  const peers = direction === 'ingress' ? rule.from : rule.to;
  const field = direction === 'ingress' ? 'saddr' : 'daddr';
  const ofPeers = !peers?.length ? [''] : peers.flatMap((peer) => peerMatch(peer, field, namespace, state));
  const ofPorts = !rule.ports?.length ? [''] : rule.ports.map(portMatch);
  return ofPeers.flatMap((peer) => ofPorts.map((port) => `${peer}${port}`));
}

/** Nothing for a peer that no IPv4 address belongs to. */
function peerMatch(
  peer: Peer,
  field: string,
  namespace: string,
  { pods, namespaces }: ClusterState,
): readonly string[] {
  if (peer.ipBlock !== undefined) {
    const { cidr, except = [] } = peer.ipBlock;
    if (cidr.includes(':')) return [];
    return [`ip ${field} ${cidr} ${except.length > 0 ? `ip ${field} != { ${except.join(', ')} } ` : ''}`];
  }
  const inNamespaces = new Set(
    peer.namespaceSelector === undefined
      ? [namespace]
      : namespaces
          .filter(({ metadata }) => selects(peer.namespaceSelector, metadata.labels))
          .map(({ metadata }) => metadata.name),
  );
  const found = pods
    .filter(({ metadata }) => inNamespaces.has(metadata.namespace ?? '') && selects(peer.podSelector, metadata.labels))
    .map((pod) => String(pod['status'].podIP));
  return found.length === 0 ? [] : [`ip ${field} { ${found.join(', ')} } `];
}

function portMatch({ protocol = 'TCP', port, endPort }: Port): string {
  const name = protocol.toLowerCase();
  if (port === undefined) return `meta l4proto ${name} `;
  if (typeof port === 'string') throw new Error(`a NetworkPolicy names port ${port}: only numbers are enforced here`);
  return `${name} dport ${endPort === undefined ? port : `${port}-${endPort}`} `;
}

/** A selector that is absent or empty selects everything. */
function selects({ matchLabels = {}, matchExpressions = [] }: Selector = {}, labels: Labels = {}): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((one) => meets(one, labels))
  );
}

function meets({ key, operator, values = [] }: Requirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      throw new Error(`unknown operator ${operator}`);
  }
}
