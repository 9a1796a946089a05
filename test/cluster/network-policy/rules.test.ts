import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube.ts';
import { rulesOf } from './rules.ts';

function pod(name: string, address: string, labels: Readonly<Record<string, string>>, namespace = 'a'): KubeObject {
  const status = { podIP: address, phase: 'Running' };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec: {}, status };
}

function policy(spec: object, namespace = 'a'): KubeObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'policy', namespace }, spec };
}

const namespaces: readonly KubeObject[] = ['a', 'b'].map((name) => {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { name } } };
});
const server = pod('server', '10.0.0.1', { app: 'server' });
const client = pod('client', '10.0.0.2', { app: 'client' });
const far = pod('far', '10.0.0.3', { app: 'client' }, 'b');

/** The lines of one chain, trimmed. */
function chain(
  name: string,
  policies: readonly KubeObject[],
  pods = [server, client, far],
): readonly string[] | undefined {
  const lines = rulesOf({ pods, namespaces, policies })
    .split('\n')
    .map((line) => line.trim());
  const start = lines.findIndex((line) => line.startsWith(`chain ${name} `));
  return start < 0 ? undefined : lines.slice(start + 1, lines.indexOf('}', start));
}

const podSelector = { matchLabels: { app: 'server' } };
const rejected = 'reject with icmp type admin-prohibited';

describe('the packet filter of NetworkPolicies', () => {
  it('leaves a pod alone that no policy selects', () => {
    expect(chain('ingress-10-0-0-2', [policy({ podSelector, ingress: [] })])).toBeUndefined();
    expect(chain('egress-10-0-0-1', [policy({ podSelector, ingress: [] })])).toBeUndefined();
  });

  it('lets nothing in without a rule, and everything with an empty one', () => {
    expect(chain('ingress-10-0-0-1', [policy({ podSelector, ingress: [] })])).toEqual([rejected]);
    expect(chain('ingress-10-0-0-1', [policy({ podSelector, ingress: [{}] })])).toEqual(['return', rejected]);
  });

  it('takes a selector of pods alone as one within the namespace', () => {
    const from = [{ podSelector: { matchLabels: { app: 'client' } } }];
    const ports = [{ port: 80 }, { port: 90, endPort: 99, protocol: 'UDP' }];
    expect(chain('ingress-10-0-0-1', [policy({ podSelector, ingress: [{ from, ports }] })])).toEqual([
      'ip saddr { 10.0.0.2 } tcp dport 80 return',
      'ip saddr { 10.0.0.2 } udp dport 90-99 return',
      rejected,
    ]);
  });

  it('takes both selectors of one peer together', () => {
    const namespaceSelector = { matchExpressions: [{ key: 'name', operator: 'In', values: ['b'] }] };
    const from = [{ namespaceSelector, podSelector: { matchLabels: { app: 'client' } } }];
    expect(chain('ingress-10-0-0-1', [policy({ podSelector, ingress: [{ from }] })])).toEqual([
      'ip saddr { 10.0.0.3 } return',
      rejected,
    ]);
  });

  it('adds up what several policies allow', () => {
    const rules = [80, 90].map((port) => policy({ podSelector, ingress: [{ ports: [{ port }] }] }));
    expect(chain('ingress-10-0-0-1', rules)).toEqual(['tcp dport 80 return', 'tcp dport 90 return', rejected]);
  });

  it('excepts ranges, and passes over IPv6', () => {
    const to = [
      { ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '192.168.0.0/16'] } },
      { ipBlock: { cidr: '::/0' } },
    ];
    const policies = [policy({ podSelector, policyTypes: ['Egress'], egress: [{ to, ports: [{ port: 443 }] }] })];
    expect(chain('egress-10-0-0-1', policies)).toEqual([
      'ip daddr 0.0.0.0/0 ip daddr != { 10.0.0.0/8, 192.168.0.0/16 } tcp dport 443 return',
      rejected,
    ]);
    expect(chain('input', policies)).toContain('ip saddr vmap { 10.0.0.1 : jump egress-10-0-0-1 }');
  });

  it('allows nobody where a rule names peers that are not there', () => {
    const from = [{ podSelector: { matchLabels: { app: 'nobody' } } }];
    expect(chain('ingress-10-0-0-1', [policy({ podSelector, ingress: [{ from }] })])).toEqual([rejected]);
  });
});
