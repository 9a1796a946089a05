import type { Agent } from 'node:http';
import { bypassesProxy, ProxyAgent } from './proxy-agent.ts';

/** What is needed to reach the backend, for its HTTP API and for Socket.IO alike. */
export interface BackendEndpoint {
  /** `https://consonant.example.com:8443` */
  readonly origin: string;
  /** `/base/socket.io` */
  readonly socketPath: string;
  /** PEM of the backend's own CA. Added to nothing: it replaces the system's. */
  readonly ca: string | undefined;
  /** A fresh agent that goes through the proxy; undefined to connect directly. */
  readonly agent: Agent | undefined;
  /** Headers of every request and of the WebSocket handshake. */
  readonly headers: Readonly<Record<string, string>>;
  /** URL of an API path, under the base path: `apiUrl('/api/v1/clusters')`. */
  readonly apiUrl: (path: string) => URL;
}

export interface EndpointOptions {
  readonly url: string;
  readonly socketPath: string;
  readonly proxyUrl: string;
  readonly noProxy: string;
  readonly ca: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads the settings into an endpoint. Cheap: made anew for every attempt, as files may change. */
export function backendEndpoint(options: EndpointOptions): BackendEndpoint {
  const url = new URL(options.url);
  const basePath = url.pathname.replace(/\/+$/, '');
  const proxied = options.proxyUrl !== '' && !bypassesProxy(url.hostname, options.noProxy);
  return {
    origin: url.origin,
    socketPath: basePath + options.socketPath,
    ca: options.ca,
    agent: proxied ? new ProxyAgent(options.proxyUrl, url.protocol === 'https:') : undefined,
    headers: options.headers,
    apiUrl: (path) => new URL(basePath + path, url.origin),
  };
}
