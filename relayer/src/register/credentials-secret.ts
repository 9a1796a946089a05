import type { Files } from '../config/files.ts';
import { sleep } from '../component.ts';
import { readOptionalFile } from '../config/files.ts';
import { hostInUrl } from '../config/parse-settings.ts';
import type { Settings } from '../config/settings.ts';
import { describeError, RelayerError } from '../errors.ts';
import { sendRequest, type HttpAnswer } from './http-request.ts';

/** What the credentials Secret holds; each is missing until it was written. */
export interface SecretData {
  readonly clusterId: string | undefined;
  readonly clusterToken: string | undefined;
  readonly registrationKey: string | undefined;
}

const ATTEMPTS = 4;
const TIMEOUT_MS = 10_000;

/**
 * The Kubernetes Secret with the cluster's credentials, written by server-side apply: that is what
 * lets a Role limited by `resourceNames` create it. Talks plain HTTPS to the API server.
 */
export class CredentialsSecret {
  readonly #settings: Settings;
  readonly #files: Files;
  readonly #onSecret: (value: string) => void;
  readonly #signal: AbortSignal | undefined;

  /** @param options.signal ends what is waited for. */
  constructor(options: { settings: Settings; files: Files; onSecret: (value: string) => void; signal?: AbortSignal }) {
    this.#settings = options.settings;
    this.#files = options.files;
    this.#onSecret = options.onSecret;
    this.#signal = options.signal;
  }

  /** Undefined when there is no such Secret. */
  async read(): Promise<SecretData | undefined> {
    const answer = await this.#send('GET', '');
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw this.#failure('read', answer);
    return this.#decode(answer.json);
  }

  /**
   * Writes the registration key if there is none yet. `conflict`: another replica, or an earlier
   * run, has written one; that one counts.
   */
  async claimRegistrationKey(registrationKey: string): Promise<'written' | 'conflict'> {
    const answer = await this.#send('PATCH', `?fieldManager=${encodeURIComponent(this.#manager())}&force=false`, {
      registrationKey,
    });
    if (answer.status === 409) return 'conflict';
    if (answer.status !== 200 && answer.status !== 201) throw this.#failure('write', answer);
    return 'written';
  }

  /** Writes the credentials, over whatever is there: every token the backend has given works. */
  async store(data: {
    readonly clusterId: string;
    readonly clusterToken: string;
    readonly registrationKey: string;
  }): Promise<void> {
    const answer = await this.#send('PATCH', `?fieldManager=${encodeURIComponent(this.#manager())}&force=true`, data);
    if (answer.status !== 200 && answer.status !== 201) throw this.#failure('write', answer);
  }

  /** The end of the name is what tells pods apart: two with one manager would overwrite each other's key. */
  #manager(): string {
    return this.#settings.POD_NAME.slice(-128);
  }

  async #send(method: 'GET' | 'PATCH', query: string, data?: Readonly<Record<string, string>>): Promise<HttpAnswer> {
    const {
      KUBERNETES_SERVICE_HOST: host,
      KUBERNETES_SERVICE_PORT: port,
      POD_NAMESPACE: namespace,
      CREDENTIALS_SECRET_NAME: name,
    } = this.#settings;
    const token = readOptionalFile(this.#files.serviceAccountToken);
    const ca = readOptionalFile(this.#files.serviceAccountCa);
    if (!host || !token) {
      throw new RelayerError(
        'secret-not-writable',
        'not in a pod with a service account token: `KUBERNETES_SERVICE_HOST` or the token file is missing (is automountServiceAccountToken off?)',
      );
    }
    this.#onSecret(token);
    const url = new URL(`https://${hostInUrl(host)}:${port}/api/v1/namespaces/${namespace}/secrets/${name}${query}`);
    const request = {
      url,
      method,
      ca,
      timeoutMs: TIMEOUT_MS,
      signal: this.#signal,
      headers: {
        authorization: `Bearer ${token}`,
        ...(data ? { 'content-type': 'application/apply-patch+yaml' } : {}),
      },
      ...(data ? { body: manifest(namespace, name, data) } : {}),
    };
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await sendRequest(request);
        if ((answer.status < 500 && answer.status !== 429) || attempt === ATTEMPTS) return answer;
      } catch (error) {
        if (this.#signal?.aborted)
          throw new RelayerError('secret-not-writable', 'stopped while waiting for the Kubernetes API server');
        if (attempt === ATTEMPTS) {
          throw new RelayerError(
            'secret-not-writable',
            `the Kubernetes API server can't be reached: ${describeError(error)}. A NetworkPolicy may block it`,
            { cause: error },
          );
        }
      }
      await sleep(250 * 2 ** attempt, this.#signal);
    }
  }

  #decode(json: unknown): SecretData {
    const data = (json as { data?: Record<string, unknown> } | undefined)?.data ?? {};
    const read = (key: string): string | undefined => {
      const value = data[key];
      return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8').trim() || undefined : undefined;
    };
    const found = {
      clusterId: read('clusterId'),
      clusterToken: read('clusterToken'),
      registrationKey: read('registrationKey'),
    };
    for (const secret of [found.clusterToken, found.registrationKey]) if (secret) this.#onSecret(secret);
    return found;
  }

  #failure(verb: 'read' | 'write', { status }: HttpAnswer): RelayerError {
    const { CREDENTIALS_SECRET_NAME: name, POD_NAMESPACE: namespace } = this.#settings;
    const advice =
      status === 401 || status === 403
        ? 'the service account may not: it needs get and patch on this Secret (rbac.create)'
        : status === 404
          ? 'there is no such namespace'
          : 'see the API server’s log';
    return new RelayerError(
      'secret-not-writable',
      `can't ${verb} the Secret ${namespace}/${name}: the API server answered ${status}; ${advice}`,
    );
  }
}

function manifest(namespace: string, name: string, data: Readonly<Record<string, string>>): object {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    type: 'Opaque',
    data: Object.fromEntries(encoded) as object,
  };
}
