import { fileVersion, readOptionalFile, type Files } from './files.ts';

/** What this cluster proves itself to the backend with. */
export interface Credentials {
  readonly clusterId: string;
  readonly clusterToken: string;
}

/** Reads the credentials from their files each time it is asked: they rotate while we run. */
export class CredentialSource {
  readonly #files: Files;
  readonly #onSecret: (value: string) => void;
  #override: Credentials | undefined;
  #overrideVersion = '';

  /** @param onSecret told every secret value that was read, for the log's redaction. */
  constructor(files: Files, onSecret: (value: string) => void) {
    this.#files = files;
    this.#onSecret = onSecret;
  }

  /** Undefined while a file is missing or empty. */
  read(): Credentials | undefined {
    // What was just registered is valid before the kubelet has refreshed the mounted files.
    if (this.#override && this.#overrideVersion === this.version()) return this.#override;
    const clusterId = readOptionalFile(this.#files.clusterId);
    const clusterToken = readOptionalFile(this.#files.clusterToken);
    if (!clusterId || !clusterToken) return undefined;
    this.#onSecret(clusterToken);
    return { clusterId, clusterToken };
  }

  /** Uses these until the files change. */
  use(credentials: Credentials): void {
    this.#onSecret(credentials.clusterToken);
    this.#override = credentials;
    this.#overrideVersion = this.version();
  }

  /** Differs from an earlier answer when a file was replaced. */
  version(): string {
    return `${fileVersion(this.#files.clusterId)} ${fileVersion(this.#files.clusterToken)}`;
  }

  /** Which of the two files is missing, in words; undefined when none is. */
  missing(): string | undefined {
    const names = [this.#files.clusterId, this.#files.clusterToken].filter((path) => !readOptionalFile(path));
    return names.length > 0 ? `missing or empty: ${names.join(', ')}` : undefined;
  }

  /** Headers of a Cloudflare Access service token, when its files are there. */
  accessHeaders(): Record<string, string> {
    const id = readOptionalFile(this.#files.accessClientId);
    const secret = readOptionalFile(this.#files.accessClientSecret);
    if (!id || !secret) return {};
    this.#onSecret(secret);
    return { 'CF-Access-Client-Id': id, 'CF-Access-Client-Secret': secret };
  }

  registrationToken(): string | undefined {
    const token = readOptionalFile(this.#files.registrationToken);
    if (token) this.#onSecret(token);
    return token;
  }

  /** PEM of the backend's own CA; undefined for the system's. */
  backendCa(): string | undefined {
    return readOptionalFile(this.#files.backendCa);
  }
}
