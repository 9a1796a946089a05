import { writeFileSync } from 'node:fs';
import { addresses, ports } from './addresses.ts';
import type { Authority, KeyPair } from './certificates.ts';

/** A kubeconfig for one client certificate, as JSON, which is YAML too. */
export function writeKubeconfig(path: string, authority: Authority, { certificate, key }: KeyPair): string {
  const server = `https://${addresses.node}:${ports.api}`;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': authority.certificate } }],
    users: [{ name: 'test', user: { 'client-certificate': certificate, 'client-key': key } }],
  };
  writeFileSync(path, JSON.stringify(config, null, 2), { mode: 0o600 });
  return path;
}
