import { Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect, type ConnectionOptions } from 'node:tls';

type Connected = (error: Error | null, socket?: Duplex) => void;

/**
 * Tunnels connections through an HTTP(S) proxy with CONNECT: TLS to the backend stays end to end.
 * Written here because neither `ws` nor `node:http` reads proxy settings by itself.
 */
export class ProxyAgent extends Agent {
  readonly #proxy: URL;
  readonly #secure: boolean;
  /** `node:https` looks at this to accept an agent. */
  protocol: string;

  /** @param secure whether the backend itself is reached over TLS. */
  constructor(proxyUrl: string, secure: boolean) {
    super({ keepAlive: false });
    this.#proxy = new URL(proxyUrl);
    this.#secure = secure;
    this.protocol = secure ? 'https:' : 'http:';
  }

  override createConnection(options: ConnectionOptions, callback: Connected): undefined {
    const host = options.host ?? 'localhost';
    const target = `${host.includes(':') ? `[${host}]` : host}:${options.port}`;
    const send = this.#proxy.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send({
      host: this.#proxy.hostname.replace(/^\[|\]$/g, ''),
      port: this.#proxy.port || (this.#proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...proxyAuthorization(this.#proxy) },
      timeout: 30_000,
    });
    request.once('timeout', () => request.destroy(new Error('the proxy did not answer')));
    request.once('error', (error) => callback(error));
    request.once('connect', (response, socket: Socket) => {
      socket.setTimeout(0);
      if (response.statusCode !== 200) {
        socket.destroy();
        return callback(new Error(`the proxy answered ${response.statusCode} to CONNECT`));
      }
      callback(null, this.#secure ? tlsConnect({ ...options, socket, servername: isIP(host) ? '' : host }) : socket);
    });
    request.end();
    return undefined;
  }
}

function proxyAuthorization(proxy: URL): Record<string, string> {
  if (!proxy.username) return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Whether `host` is reached directly: `*`, a host, a domain and what is below it, an address, a CIDR. */
export function bypassesProxy(host: string, noProxy: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matchesAddress(name, entry) || matchesDomain(name, entry));
}

function matchesDomain(name: string, entry: string): boolean {
  const domain = entry.replace(/^\*?\./, '').replace(/:\d+$/, '');
  return name === domain || name.endsWith(`.${domain}`);
}

function matchesAddress(name: string, entry: string): boolean {
  const family = isIP(name);
  const [network, prefix] = entry.split('/');
  if (family === 0 || !network || isIP(network) !== family) return false;
  if (prefix === undefined) return name === network;
  const bits = Number(prefix);
  if (!Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family === 4 ? 'ipv4' : 'ipv6');
  return list.check(name, family === 4 ? 'ipv4' : 'ipv6');
}
