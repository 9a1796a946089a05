import { addresses, backendHosts } from './addresses.ts';
import type { Kube } from './kube.ts';
import { until } from './wait.ts';

/** What the tests put into a Corefile is between these, so that a later run finds what a killed one left. */
const [begin, end] = ['# begin: consonant cluster tests', '# end: consonant cluster tests'];

/** Cloudflare's edge, as cloudflared looks it up: two regions with an address each, where nothing answers. */
const deadEdge = `
  template IN SRV _v2-origintunneld._tcp.argotunnel.com {
    answer "{{ .Name }} 60 IN SRV 1 1 7844 region1.v2.argotunnel.com."
    answer "{{ .Name }} 60 IN SRV 2 1 7844 region2.v2.argotunnel.com."
  }`;

export interface TestNames {
  /** Address of the backend. */
  readonly backend: string;
  /** Whether Cloudflare's edge resolves, to addresses that nobody has. It never resolves to the real one. */
  readonly hasEdge: boolean;
}

/**
 * A Corefile that also answers for the backend's host names and Cloudflare's. They get a server block of their own,
 * which goes before any other whatever else there is: a server block takes only one `hosts`.
 */
export function withTestNames(corefile: string, { backend, hasEdge }: TestNames): string {
  const before = withoutTestNames(corefile);
  const port = /^\s*(?:dns:\/\/)?\.:(\d+)/m.exec(before)?.[1] ?? '53';
  const zones = [...backendHosts, 'argotunnel.com'].map((zone) => `${zone}:${port}`);
  return `${begin}
${zones.join(' ')} {
  errors${hasEdge ? deadEdge : ''}
  hosts {
    ${backend} ${backendHosts.join(' ')}
    ${addresses.edge[0]} region1.v2.argotunnel.com
    ${addresses.edge[1]} region2.v2.argotunnel.com
    ttl 5
  }
}
${end}
${before}`;
}

/** The Corefile as it was before `withTestNames`. */
export function withoutTestNames(corefile: string): string {
  return corefile.replaceAll(new RegExp(`^${begin}\\n[^]*?^${end}\\n`, 'gm'), '');
}

/**
 * Changes the Corefile of the cluster and waits until its DNS uses it.
 * @throws Error when the cluster's DNS is no CoreDNS as kubeadm and kind install it, or it does not become ready
 */
export async function changeCorefile(kube: Kube, change: (corefile: string) => string): Promise<void> {
  const config = await kube.get('configmap', 'coredns', 'kube-system');
  const before: string | undefined = config?.['data']?.Corefile;
  if (before === undefined)
    throw new Error(
      'The cluster has no ConfigMap `coredns` with a `Corefile` in kube-system: use one whose DNS is CoreDNS.',
    );
  const after = change(before);
  if (after === before) return;
  const patch = JSON.stringify({ data: { Corefile: after } });
  await kube.kubectl(['patch', 'configmap', 'coredns', '-n', 'kube-system', '--type=merge', '-p', patch]);
  const restart = ['rollout', 'restart', '-n', 'kube-system', 'deployment/coredns'];
  // Refused within a second of the one before, as when the run is stopped just then.
  await until('CoreDNS is restarted', () => kube.kubectl(restart), { timeoutMs: 5000 });
  await waitForDns(kube);
}

/** @throws Error with what happened to its pods, when it does not become ready */
export async function waitForDns(kube: Kube): Promise<void> {
  const rollout = ['rollout', 'status', '-n', 'kube-system', 'deployment/coredns', '--timeout=120s'];
  const { code, stderr } = await kube.tryKubectl(rollout, { timeoutMs: 130_000 });
  if (code === 0) return;
  const events = await kube.kubectl(['get', 'events', '-n', 'kube-system', '--sort-by=.lastTimestamp']);
  const logs = await kube.tryKubectl(['logs', '-n', 'kube-system', '-l', 'k8s-app=kube-dns', '--tail=5', '--prefix']);
  throw new Error(`CoreDNS does not become ready: ${stderr}\n${events.slice(-3000)}\n${logs.stdout}`);
}
