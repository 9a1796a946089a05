import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { missingParts } from './parts.ts';

/** Programs that have to be there, and the Debian package that brings each. */
const programs: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  ip: 'iproute2',
  nft: 'nftables',
  conntrack: 'conntrack',
  iptables: 'iptables',
  openssl: 'openssl',
  unshare: 'util-linux',
};

/** What this machine lacks for a cluster of its own, one sentence each. */
export function missingRequirements(): readonly string[] {
  const problems: string[] = [];
  if (process.platform !== 'linux' || process.arch !== 'x64') problems.push('It needs Linux on x64.');
  if (process.getuid?.() !== 0) problems.push('It needs root, for namespaces and containers.');
  const packages = new Set(Object.entries(programs).flatMap(([name, owner]) => (isOnPath(name) ? [] : [owner])));
  if (!existsSync('/usr/lib/cni/ptp')) packages.add('containernetworking-plugins');
  if (packages.size > 0)
    problems.push(
      `It needs Debian's packages ${[...packages].join(', ')}: apt-get install -y --no-install-recommends ${[...packages].join(' ')}`,
    );
  if (missingParts().length > 0 && !isOnPath('go'))
    problems.push(`It needs Go 1.26 or newer to build ${missingParts().join(', ')}.`);
  return problems;
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}
