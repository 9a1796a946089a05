import { writeFileSync } from 'node:fs';
import { addresses } from './addresses.ts';
import { run } from './command.ts';

export const backendNamespace = 'backend';

/**
 * The network around the node, in a network namespace that starts empty:
 *
 *   pods 10.244.0.0/24 ── node 192.0.2.2 ── veth ── namespace `backend` 203.0.113.10, 192.168.50.10
 *
 * The backend's namespace routes everything back to the node, so pods keep their own addresses on the way.
 */
export async function createNetwork(): Promise<void> {
  const { node, backend, backendGateway, privateHost } = addresses;
  const inside = ['netns', 'exec', backendNamespace, 'ip'];
  const steps: readonly (readonly string[])[] = [
    ['link', 'set', 'lo', 'up'],
    ['netns', 'add', backendNamespace],
    ['link', 'add', 'backend0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', backendNamespace],
    ['addr', 'add', `${node}/32`, 'dev', 'backend0'],
    ['addr', 'add', `${backendGateway}/24`, 'dev', 'backend0'],
    ['link', 'set', 'backend0', 'up'],
    [...inside, 'link', 'set', 'lo', 'up'],
    [...inside, 'addr', 'add', `${backend}/24`, 'dev', 'eth0'],
    [...inside, 'addr', 'add', `${privateHost}/32`, 'dev', 'eth0'],
    [...inside, 'link', 'set', 'eth0', 'up'],
    [...inside, 'route', 'add', 'default', 'via', backendGateway],
    ['route', 'add', `${privateHost}/32`, 'via', backend],
  ];
  for (const step of steps) await run('ip', step);
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
}
