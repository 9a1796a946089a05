import { describe, expect, it } from 'vitest';
import { type Connection, type End, isAllowed } from './connections.ts';
import { one, podTemplates, render } from './render.ts';

type Protocol = NonNullable<Connection['protocol']>;

/** Whether the relayer (or the registration's Job) of these values may open a connection. */
function mayReach(
  to: End | string,
  port: number,
  values = {},
  who = 'Deployment',
  protocol: Protocol = 'TCP',
): boolean {
  const objects = render(values);
  const pod = podTemplates(objects).find(({ of }) => of.startsWith(who));
  if (pod === undefined) throw new Error(`there is no ${who}`);
  const end: End = typeof to === 'string' ? { ip: to } : to;
  return isAllowed(objects, { from: { pod: pod.metadata.labels, namespace: 'relay' }, to: end, port, protocol });
}

const internet = '203.0.113.10';
const privateAddresses = [
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '169.254.1.1',
  '127.0.0.1',
];
const private6 = ['fd00::1', 'fe80::1', '::1'];
const kubeDns: End = { pod: { 'k8s-app': 'kube-dns' }, namespace: 'kube-system', ip: '10.0.5.5' };
const egress = (rules: object) => ({ networkPolicy: { egress: rules } });

describe('HTTPS', () => {
  it('reaches public addresses on 443 only', () => {
    expect(mayReach(internet, 443)).toBe(true);
    expect(mayReach('172.15.0.1', 443)).toBe(true);
    expect(mayReach('2001:db8::1', 443)).toBe(true);
    expect(mayReach(internet, 80)).toBe(false);
    expect(mayReach(internet, 22)).toBe(false);
    expect(mayReach(internet, 443, {}, 'Deployment', 'UDP')).toBe(false);
  });

  it.each([...privateAddresses, ...private6])('does not reach %s', (address) => {
    expect(mayReach(address, 443)).toBe(false);
    expect(mayReach(address, 5432)).toBe(false);
  });

  it('does not reach other pods', () => {
    expect(mayReach({ pod: { app: 'postgres' }, namespace: 'relay', ip: '10.2.0.1' }, 5432)).toBe(false);
    expect(mayReach({ pod: { app: 'web' }, namespace: 'relay', ip: '10.2.0.1' }, 443)).toBe(false);
  });

  it('reaches only the destinations that are given, as they are', () => {
    const values = egress({ allowHTTPS: { destinations: ['10.0.0.0/8', '2001:db8::/32'] } });
    expect(mayReach('10.1.2.3', 443, values)).toBe(true);
    expect(mayReach('2001:db8::1', 443, values)).toBe(true);
    expect(mayReach(internet, 443, values)).toBe(false);
  });

  it('can be switched off', () => {
    expect(mayReach(internet, 443, egress({ allowHTTPS: { enabled: false } }))).toBe(false);
  });
});

describe('the backend', () => {
  it.each([
    ['https://backend.example.com', 443],
    ['https://backend.example.com:8443', 8443],
    ['https://backend.example.com:8443/base/path', 8443],
    ['http://backend.example.com', 80],
    ['http://backend.example.com:3000/', 3000],
    ['https://[2001:db8::1]:9443', 9443],
    ['https://192.0.2.1:9443/x:1', 9443],
  ])('%s is reached on port %i', (url, port) => {
    for (const who of ['Deployment', 'Job']) {
      expect(mayReach(internet, port, { backend: { url } }, who)).toBe(true);
      expect(mayReach(internet, 443, { backend: { url } }, who)).toBe(true);
      expect(mayReach(internet, 8081, { backend: { url } }, who)).toBe(false);
    }
  });

  it.each([
    ['https://10.20.0.5', '10.20.0.5', 443, '10.20.0.6'],
    ['http://192.168.1.1:3000/base', '192.168.1.1', 3000, '192.168.1.2'],
    ['https://[fd00::5]', 'fd00::5', 443, 'fd00::6'],
    ['https://[fd00::5]:8443/base', 'fd00::5', 8443, 'fd00::6'],
  ])('%s with a literal address is that address and no other', (url, address, port, neighbour) => {
    for (const who of ['Deployment', 'Job']) {
      expect(mayReach(address, port, { backend: { url } }, who)).toBe(true);
      expect(mayReach(address, port + 1, { backend: { url } }, who)).toBe(false);
    }
    expect(mayReach(neighbour, port, { backend: { url } })).toBe(false);
  });

  it('in a private range is reached on its port, or on those that are given', () => {
    const values = {
      backend: { url: 'https://backend.internal:8443' },
      ...egress({ backend: { cidrs: ['10.20.0.0/16'] } }),
    };
    expect(mayReach('10.20.1.1', 8443, values)).toBe(true);
    expect(mayReach('10.20.1.1', 443, values)).toBe(false);
    expect(mayReach('10.21.1.1', 8443, values)).toBe(false);
    const ports = egress({ backend: { cidrs: ['10.20.0.0/16'], ports: [1, 2] } });
    expect([1, 2, 443].map((port) => mayReach('10.20.1.1', port, ports))).toEqual([true, true, false]);
  });

  it('is reached through a proxy, public, private or by its address', () => {
    const proxy = (url: string, rules = {}) => ({ backend: { proxy: { url } }, ...egress(rules) });
    for (const who of ['Deployment', 'Job']) {
      expect(mayReach(internet, 3128, proxy('http://proxy.example.com:3128'), who)).toBe(true);
      expect(mayReach('10.30.0.5', 3128, proxy('http://10.30.0.5:3128'), who)).toBe(true);
      expect(mayReach('10.30.0.6', 3128, proxy('http://10.30.0.5:3128'), who)).toBe(false);
      const named = proxy('http://proxy.internal:3128', { backend: { cidrs: ['10.30.0.0/24'] } });
      expect(mayReach('10.30.0.9', 3128, named, who)).toBe(true);
    }
    expect(mayReach(internet, 3128)).toBe(false);
  });
});

describe('DNS', () => {
  it.each<[string, End]>([
    ["the cluster's servers", kubeDns],
    ['the cache on the node', { ip: '169.254.20.10' }],
    ["the resolver of Google's cloud", { ip: '169.254.169.254' }],
  ])('reaches %s', (_, to) => {
    for (const who of ['Deployment', 'Job']) {
      for (const protocol of ['UDP', 'TCP'] as const) expect(mayReach(to, 53, {}, who, protocol)).toBe(true);
      expect(mayReach(to, 80, {}, who)).toBe(false);
    }
  });

  it.each<[string, End]>([
    ['other pods of kube-system', { pod: { app: 'x' }, namespace: 'kube-system', ip: '10.0.5.6' }],
    ['pods of the same label elsewhere', { pod: { 'k8s-app': 'kube-dns' }, namespace: 'default', ip: '10.0.5.7' }],
    ['servers of the Internet', { ip: '8.8.8.8' }],
  ])('does not reach %s', (_, to) => {
    expect(mayReach(to, 53, {}, 'Deployment', 'UDP')).toBe(false);
  });

  it('reaches other servers on another port, as OpenShift has them', () => {
    const peer = {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'openshift-dns' } },
      podSelector: { matchLabels: { 'dns.operator.openshift.io/daemonset-dns': 'default' } },
    };
    const values = egress({ dns: { peers: [peer], port: 5353 } });
    const server: End = { pod: { 'dns.operator.openshift.io/daemonset-dns': 'default' }, namespace: 'openshift-dns' };
    expect(mayReach(server, 5353, values, 'Deployment', 'UDP')).toBe(true);
    expect(mayReach(kubeDns, 53, values, 'Deployment', 'UDP')).toBe(false);
  });

  it('can be switched off', () => {
    expect(mayReach(kubeDns, 53, egress({ allowDNS: false }), 'Deployment', 'UDP')).toBe(false);
  });
});

describe("Cloudflare's edge", () => {
  it('is reached on 7844, UDP and TCP, by the pod with cloudflared and no other', () => {
    for (const protocol of ['UDP', 'TCP'] as const) {
      expect(mayReach(internet, 7844, {}, 'Deployment', protocol)).toBe(true);
      expect(mayReach('10.1.2.3', 7844, {}, 'Deployment', protocol)).toBe(false);
      expect(mayReach(internet, 7844, {}, 'Job', protocol)).toBe(false);
      expect(mayReach(internet, 7844, { cloudflare: { enabled: false } }, 'Deployment', protocol)).toBe(false);
    }
    const access = { cloudflare: { mode: 'access', access: { existingSecret: 'a' } } };
    expect(mayReach(internet, 7844, access)).toBe(false);
  });
});

describe('the Kubernetes API', () => {
  const server = '10.0.0.1';

  it('is reached by who registers: the Job, or the relayer itself', () => {
    for (const port of [443, 6443]) {
      expect(mayReach(server, port, {}, 'Job')).toBe(true);
      expect(mayReach(server, port)).toBe(false);
      expect(mayReach(server, port, { registration: { mode: 'startup' } })).toBe(true);
      expect(mayReach(server, port, { backend: { credentials: { existingSecret: 'mine' } } })).toBe(false);
    }
    expect(mayReach(server, 8443, {}, 'Job')).toBe(false);
  });

  it('can be open always or never', () => {
    expect(mayReach(server, 6443, egress({ kubernetesAPI: { enabled: true } }))).toBe(true);
    expect(mayReach(server, 6443, egress({ kubernetesAPI: { enabled: false } }), 'Job')).toBe(false);
  });

  it('can be narrowed to its addresses and ports', () => {
    const values = egress({ kubernetesAPI: { cidrs: ['10.0.0.1/32'], ports: [8443] } });
    expect(mayReach(server, 8443, values, 'Job')).toBe(true);
    expect(mayReach('10.0.0.2', 8443, values, 'Job')).toBe(false);
    expect(mayReach(server, 6443, values, 'Job')).toBe(false);
  });

  it('needs a port: a rule without any would open all of them', () => {
    const values = egress({ kubernetesAPI: { cidrs: [], ports: [] } });
    expect(() => mayReach('10.9.9.9', 5432, values, 'Job')).toThrow('networkPolicy.egress.kubernetesAPI.ports');
  });
});

describe('rules of the user', () => {
  it('are added for the relayer and for the Job', () => {
    const rule = { to: [{ ipBlock: { cidr: '10.9.0.0/16' } }], ports: [{ port: 5432, protocol: 'TCP' }] };
    for (const who of ['Deployment', 'Job']) {
      expect(mayReach('10.9.0.1', 5432, egress({ customRules: [rule] }), who)).toBe(true);
      expect(mayReach('10.9.0.1', 5433, egress({ customRules: [rule] }), who)).toBe(false);
    }
  });
});

describe('with everything switched off', () => {
  it('nothing is reached', () => {
    const values = {
      cloudflare: { enabled: false },
      ...egress({ allowDNS: false, allowHTTPS: { enabled: false }, kubernetesAPI: { enabled: false } }),
    };
    expect(one(render(values), 'NetworkPolicy').spec.egress).toBeUndefined();
    for (const to of [internet, ...privateAddresses, kubeDns]) {
      for (const who of ['Deployment', 'Job']) expect(mayReach(to, 443, values, who)).toBe(false);
    }
  });
});
