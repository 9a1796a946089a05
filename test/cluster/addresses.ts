/**
 * Every address of the test cluster. All of it lives in a network namespace without a way out, so nothing here can
 * meet an address of the machine. The backend's range is one for documentation: charts that keep pods away from
 * private addresses let them reach it, as they would a backend on the Internet.
 */
export const addresses = {
  node: '192.0.2.2',
  podRange: '10.244.0.0/24',
  serviceRange: '10.96.0.0/16',
  apiService: '10.96.0.1',
  dnsService: '10.96.0.10',
  backendGateway: '203.0.113.1',
  backend: '203.0.113.10',
  /** Where cloudflared looks for Cloudflare: nobody has these. */
  edge: ['203.0.113.20', '203.0.113.21'],
  /** The backend's namespace has it too: what a relayer must not reach. */
  privateHost: '192.168.50.10',
} as const;

export const ports = { api: 6443, backendHttp: 3000, backendHttps: 443, etcd: 2379 } as const;

/** Host names of the documentation, served by the cluster's DNS with the backend's address. */
export const backendHosts: readonly string[] = ['consonant.yourcompany.com', 'consonant.company.com'];
