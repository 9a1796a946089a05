import { isIPv6 } from 'node:net';

/** What is known of a request before its token is. */
export interface Caller {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/**
 * The address that limits count by: what the header says (of several entries the last, which the nearest
 * proxy wrote), else the peer's. Undefined for a peer on this machine: it may be a tunnel that stands for
 * everybody. An IPv6 address counts as its /64, which is what one subscriber has.
 */
export function clientAddress({ headers, socket }: Caller, header: string | undefined): string | undefined {
  const named =
    header === undefined
      ? undefined
      : String(headers[header] ?? '')
          .split(',')
          .at(-1)
          ?.trim();
  if (named) return networkOf(named.slice(0, 64));
  const peer = socket.remoteAddress?.replace(/^::ffff:/, '');
  return peer === undefined || peer === '::1' || peer.startsWith('127.') ? undefined : networkOf(peer);
}

function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  return [...groups, ...Array<string>(Math.max(missing, 0)).fill('0'), ...(tail ?? '').split(':')]
    .slice(0, 4)
    .join(':');
}
