import { BlockList, isIPv6 } from 'node:net';
import type { KubeObject } from './render.ts';

type Labels = Readonly<Record<string, string>>;

/** An end of a connection: a pod in a namespace, or an address that no pod has. */
export type End =
  | { readonly pod: Labels; readonly namespace: string; readonly ip?: string }
  | { readonly ip: string; readonly pod?: never; readonly namespace?: never };

export interface Connection {
  readonly from: End;
  readonly to: End;
  readonly port: number;
  /** Default: TCP. */
  readonly protocol?: 'TCP' | 'UDP';
}

/**
 * Whether these objects' NetworkPolicies let a connection through, as Kubernetes defines it: a pod that a policy
 * selects may do only what a policy's rule names, both its ends must agree, and a pod that none selects may do all.
 * Namespaces have no labels but their name.
 */
export function isAllowed(objects: readonly KubeObject[], connection: Connection): boolean {
  return endAllows(objects, connection, 'Egress') && endAllows(objects, connection, 'Ingress');
}

function endAllows(objects: readonly KubeObject[], connection: Connection, type: 'Ingress' | 'Egress'): boolean {
  const [own, other] = type === 'Ingress' ? [connection.to, connection.from] : [connection.from, connection.to];
  if (own.pod === undefined) return true;
  const policies = objects.filter(
    (object) =>
      object.kind === 'NetworkPolicy' &&
      object.metadata.namespace === own.namespace &&
      object.spec.policyTypes.includes(type) &&
      selects(object.spec.podSelector, own.pod),
  );
  if (policies.length === 0) return true;
  const rules = policies.flatMap((policy) =>
    ((type === 'Ingress' ? policy.spec.ingress : policy.spec.egress) ?? []).map((rule: KubeObject) => ({
      ports: rule.ports,
      peers: type === 'Ingress' ? rule.from : rule.to,
      namespace: policy.metadata.namespace as string,
    })),
  );
  return rules.some(
    ({ ports, peers, namespace }) => matchesPort(ports, connection) && matchesPeer(peers, other, namespace),
  );
}

/** No ports, and an empty list of them, mean all. */
function matchesPort(ports: readonly KubeObject[] | undefined, { port, protocol = 'TCP' }: Connection): boolean {
  if (ports === undefined || ports.length === 0) return true;
  return ports.some((one) => (one.protocol ?? 'TCP') === protocol && (one.port === undefined || one.port === port));
}

/** No peers, and an empty list of them, mean all. */
function matchesPeer(peers: readonly KubeObject[] | undefined, end: End, policyNamespace: string): boolean {
  if (peers === undefined || peers.length === 0) return true;
  return peers.some((peer) => {
    if (peer.ipBlock !== undefined) return end.ip !== undefined && isInBlock(peer.ipBlock, end.ip);
    if (end.pod === undefined) return false;
    const isNamespace =
      peer.namespaceSelector === undefined
        ? end.namespace === policyNamespace
        : selects(peer.namespaceSelector, { 'kubernetes.io/metadata.name': end.namespace });
    return isNamespace && (peer.podSelector === undefined || selects(peer.podSelector, end.pod));
  });
}

function isInBlock({ cidr, except = [] }: { cidr: string; except?: readonly string[] }, ip: string): boolean {
  return isInRange(cidr, ip) && !except.some((range) => isInRange(range, ip));
}

function isInRange(cidr: string, ip: string): boolean {
  const [network = '', bits] = cidr.split('/');
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  if (isIPv6(ip) !== (family === 'ipv6')) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(ip, family);
}

/** Whether a label selector matches; an empty one matches everything. */
export function selects(selector: KubeObject, labels: Labels): boolean {
  const pairs = Object.entries(selector.matchLabels ?? {});
  const expressions: readonly KubeObject[] = selector.matchExpressions ?? [];
  return pairs.every(([key, value]) => labels[key] === value) && expressions.every((one) => matches(one, labels));
}

function matches({ key, operator, values = [] }: KubeObject, labels: Labels): boolean {
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
      throw new Error(`${operator} is no operator of a label selector`);
  }
}
