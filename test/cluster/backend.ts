import { rmSync } from 'node:fs';
import { get } from 'node:https';
import { BlockList } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { privateRanges } from '../../src/resources/egress.ts';
import { backendHosts, ports } from './addresses.ts';
import { Authority, type KeyPair } from './certificates.ts';
import type { Processes } from './processes.ts';
import { until } from './wait.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const accessToken = 'test-access-token';
export const adminToken = 'test-admin-token';

const privateAddresses = new BlockList();
for (const range of privateRanges) {
  const [network = '', bits] = range.split('/');
  privateAddresses.addSubnet(network, Number(bits));
}

/** Where it listens, and the network namespace that has this address; undefined: this process's own. */
export interface Place {
  readonly address: string;
  readonly networkNamespace?: string;
}

export interface ClusterAtBackend {
  readonly id: string;
  readonly name: string;
  readonly revoked: boolean;
  readonly spans: number;
  readonly logs: number;
  readonly points: number;
  readonly connections: readonly { readonly instance: string }[];
}

/** The example backend, outside the pods' network: HTTP on port 3000 and TLS on port 443 of its address. */
export class Backend {
  readonly #folder: string;
  readonly #processes: Processes;
  readonly #authority: Authority;
  readonly #keys: KeyPair;
  readonly #place: Place;

  private constructor(folder: string, processes: Processes, authority: Authority, keys: KeyPair, place: Place) {
    this.#folder = folder;
    this.#processes = processes;
    this.#authority = authority;
    this.#keys = keys;
    this.#place = place;
  }

  static async create(folder: string, processes: Processes, place: Place): Promise<Backend> {
    const authority = await Authority.create(folder, 'backend-authority');
    const names = [...backendHosts.map((host) => `DNS:${host}`), `IP:${place.address}`];
    const keys = await authority.issue('backend', { commonName: 'backend', names });
    return new Backend(folder, processes, authority, keys, place);
  }

  /** True for addresses that the chart's NetworkPolicy leaves out when nothing is set. */
  get isPrivate(): boolean {
    return privateAddresses.check(this.address);
  }

  get address(): string {
    return this.#place.address;
  }

  /** PEM of who signed its certificate, for `backend.caSecret`. */
  get certificateAuthority(): string {
    return this.#authority.pem;
  }

  /** Starts it with what it has stored, or without any when `fresh`. */
  async start({
    fresh = false,
    environment = {},
  }: { fresh?: boolean; environment?: Readonly<Record<string, string>> } = {}): Promise<void> {
    const data = join(this.#folder, 'backend-data');
    if (fresh) rmSync(data, { recursive: true, force: true });
    this.#start('backend', [join(root, 'examples/backend/dist/main.js')], {
      HOST: this.address,
      PORT: String(ports.backendHttp),
      DATA_DIRECTORY: data,
      ACCESS_TOKEN: accessToken,
      ADMIN_TOKEN: adminToken,
      OPEN_REGISTRATION: 'true',
      ...environment,
    });
    const { certificate, key } = this.#keys;
    const proxy = [this.address, String(ports.backendHttps), certificate, key, String(ports.backendHttp)];
    this.#start('backend-tls', [...process.execArgv, join(root, 'test/cluster/tls-proxy.ts'), ...proxy]);
    await until('the backend answers', async () => {
      for (const name of ['backend', 'backend-tls']) this.#processes.assertRunning(name);
      return (await this.#healthOverTls()) === 200;
    });
  }

  /** As a relayer reaches it. @returns the status code */
  #healthOverTls(): Promise<number | undefined> {
    const options = { host: this.address, port: ports.backendHttps, path: '/health', ca: this.#authority.pem };
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(5000);
      get({ ...options, agent: false, signal }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).on('error', reject);
    });
  }

  /** @param signal SIGKILL for a crash */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#processes.stop('backend-tls', 'SIGKILL');
    await this.#processes.stop('backend', signal);
  }

  async restart(options: Parameters<Backend['start']>[0] = {}): Promise<void> {
    await this.stop();
    await this.start(options);
  }

  get url(): string {
    return `http://${this.address}:${ports.backendHttp}`;
  }

  /** What it has said last. */
  get endOfLog(): string {
    return this.#processes.endOfLog('backend');
  }

  async clusters(): Promise<readonly ClusterAtBackend[]> {
    const { clusters } = (await this.#ask('overview', {})) as { readonly clusters: readonly ClusterAtBackend[] };
    return clusters;
  }

  /** @throws Error when there is none of this name */
  async cluster(name: string): Promise<ClusterAtBackend> {
    const all = await this.clusters();
    const found = all.find((cluster) => cluster.name === name);
    if (found === undefined)
      throw new Error(`the backend knows no cluster ${name}, only ${all.map((one) => one.name).join(', ')}`);
    return found;
  }

  /** Ids of the stored spans of a trace, 5,000 at most. */
  async spanIds(clusterId: string, traceId: string): Promise<readonly string[]> {
    const spans = (await this.#ask('spans', { clusterId, traceId })) as readonly { readonly spanId: string }[];
    return spans.map(({ spanId }) => spanId);
  }

  #start(name: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): void {
    const { networkNamespace } = this.#place;
    // Without a namespace that ends with the run, it would keep the ports when the run is killed.
    const [program, ...before] =
      networkNamespace === undefined
        ? (['setpriv', '--pdeathsig', 'KILL'] as const)
        : (['ip', 'netns', 'exec', networkNamespace] as const);
    this.#processes.start(name, program, [...before, process.execPath, ...args], environment);
  }

  /** As the page asks. */
  async #ask(event: string, input: object): Promise<unknown> {
    const options = { auth: { token: accessToken }, transports: ['websocket'], forceNew: true, reconnection: false };
    const socket = io(`${this.url}/viewer`, options);
    try {
      await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
      const answer = (await socket.timeout(20_000).emitWithAck(event, input)) as { value?: unknown; error?: string };
      if (answer.error !== undefined) throw new Error(`the backend answers ${event} with ${answer.error}`);
      return answer.value;
    } finally {
      socket.disconnect();
    }
  }
}
