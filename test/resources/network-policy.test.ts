import { describe, expect, it } from 'vitest';
import { type End, isAllowed } from './connections.ts';
import { all, notes, one, podTemplates, render } from './render.ts';

const objects = render();
const podIn = (list: typeof objects, kind: string): End => {
  const pod = podTemplates(list).find(({ of }) => of.startsWith(kind));
  return { pod: pod?.metadata.labels, namespace: 'relay' };
};
const relayer = podIn(objects, 'Deployment');
const job = podIn(objects, 'Job');
const test = podIn(objects, 'Pod');
const agent: End = { pod: { app: 'kagent', 'app.kubernetes.io/name': 'my-agent' }, namespace: 'kagent' };
const controller: End = { pod: { 'app.kubernetes.io/name': 'kagent' }, namespace: 'kagent' };
const stranger: End = { pod: { app: 'web' }, namespace: 'kagent' };
const prometheus: End = { pod: { 'app.kubernetes.io/name': 'prometheus' }, namespace: 'monitoring' };
const outside: End = { ip: '203.0.113.7' };

const reaches = (from: End, port: number, list = objects, to = relayer): boolean => isAllowed(list, { from, to, port });

/** The same pod elsewhere. */
function inNamespace({ pod = {} }: End, namespace: string): End {
  return { pod, namespace };
}

describe('who reaches the relayer', () => {
  it.each<[string, End, number, boolean]>([
    ['an agent, OTLP over gRPC', agent, 4317, true],
    ['an agent, OTLP over HTTP', agent, 4318, true],
    ['an agent, health', agent, 8080, false],
    ['an agent, cloudflared', agent, 2000, false],
    ["kagent's controller", controller, 4317, true],
    ["an agent in the release's own namespace", inNamespace(agent, 'relay'), 4317, true],
    ['an agent in another namespace', inNamespace(agent, 'default'), 4317, false],
    ["another pod in kagent's namespace", stranger, 4317, false],
    ["another pod in the release's namespace", { pod: { app: 'web' }, namespace: 'relay' }, 8080, false],
    ['another relayer', relayer, 4317, false],
    ['Prometheus, metrics', prometheus, 8080, true],
    ['Prometheus, cloudflared', prometheus, 2000, true],
    ['Prometheus, OTLP', prometheus, 4317, false],
    ['the test pod, OTLP', test, 4317, true],
    ['the test pod, health', test, 8080, true],
    ['a test pod of another namespace', inNamespace(test, 'other'), 4317, false],
    ['the registration', job, 4317, false],
    ['an address outside', outside, 4317, false],
  ])('%s', (_, from, port, expected) => {
    expect(reaches(from, port)).toBe(expected);
  });

  it("is nobody in the case of the registration's pod", () => {
    for (const from of [agent, prometheus, test, relayer, outside])
      expect(reaches(from, 8080, objects, job)).toBe(false);
  });

  it('follows the namespaces and labels of the agents', () => {
    const list = render({ kagent: { namespaces: ['ai'], podSelectors: [{ role: 'agent' }] } });
    const own: End = { pod: { role: 'agent' }, namespace: 'ai' };
    expect(reaches(own, 4317, list)).toBe(true);
    expect(reaches(agent, 4317, list)).toBe(false);
  });

  it('is every pod of those namespaces when a set of labels is empty', () => {
    const list = render({ kagent: { podSelectors: [{}] } });
    expect(reaches(stranger, 4317, list)).toBe(true);
    expect(reaches({ ...stranger, namespace: 'default' }, 4317, list)).toBe(false);
  });

  it('is no agent, rather than everybody, when no labels are given', () => {
    const list = render({ kagent: { podSelectors: [] }, tests: { enabled: false } });
    for (const from of [agent, stranger, outside, prometheus]) expect(reaches(from, 4317, list)).toBe(false);
    const closed = render({
      kagent: { podSelectors: [] },
      tests: { enabled: false },
      networkPolicy: { ingress: { monitoring: [] } },
    });
    expect(one(closed, 'NetworkPolicy').spec.policyTypes).toContain('Ingress');
    for (const from of [agent, prometheus, outside]) {
      for (const port of [4317, 8080]) expect(reaches(from, port, closed)).toBe(false);
    }
  });

  it('takes more peers for telemetry, for metrics, and whole rules', () => {
    const list = render({
      networkPolicy: {
        ingress: {
          agents: [{ ipBlock: { cidr: '203.0.113.0/24' } }],
          monitoring: [{ podSelector: { matchLabels: { app: 'vmagent' } } }],
          customRules: [{ ports: [{ port: 9 }] }],
        },
      },
    });
    expect(reaches(outside, 4317, list)).toBe(true);
    expect(reaches(outside, 8080, list)).toBe(false);
    expect(reaches({ pod: { app: 'vmagent' }, namespace: 'relay' }, 8080, list)).toBe(true);
    expect(reaches(prometheus, 8080, list)).toBe(false);
    expect(reaches(stranger, 9, list)).toBe(true);
  });

  it('keeps to the ports that are set', () => {
    const list = render({
      relayer: { otel: { grpcPort: 1, httpPort: 2 }, health: { port: 3 } },
      cloudflare: { sidecar: { metrics: { enabled: false } } },
    });
    const to = podIn(list, 'Deployment');
    expect([1, 2, 3, 4317].map((port) => reaches(agent, port, list, to))).toEqual([true, true, false, false]);
    expect([1, 3, 2000].map((port) => reaches(prometheus, port, list, to))).toEqual([false, true, false]);
  });
});

describe('the NetworkPolicies', () => {
  it('deny both ways by default, for the relayer and for the Job', () => {
    const policies = all(objects, 'NetworkPolicy');
    expect(policies.map(({ metadata }) => metadata.name)).toEqual([
      'demo-consonant-relayer-register',
      'demo-consonant-relayer',
    ]);
    for (const { spec } of policies) expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
  });

  it('can be switched off, which the notes point out', () => {
    expect(all(render({ networkPolicy: { enabled: false } }), 'NetworkPolicy')).toEqual([]);
    expect(notes({ networkPolicy: { enabled: false } })).toContain('any pod may send telemetry');
    expect(notes()).not.toContain('any pod may send telemetry');
  });

  it('hold for a StatefulSet too', () => {
    const list = render({ relayer: { queue: { persistence: { enabled: true } } } });
    const to = podIn(list, 'StatefulSet');
    expect(reaches(agent, 4317, list, to)).toBe(true);
    expect(reaches(stranger, 4317, list, to)).toBe(false);
  });
});
