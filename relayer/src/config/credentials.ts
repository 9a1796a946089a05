import { RelayerError } from '../errors.ts';
import { fileVersion, isPlain, readOptionalFile, type Files } from './files.ts';

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

  /** Undefined while a file is missing, empty or no id or token: `problem` says which. */
  read(): Credentials | undefined {
    // What was just registered is valid before the kubelet has refreshed the mounted files.
    if (this.#override && this.#overrideVersion === this.version()) return this.#override;
    const clusterId = readOptionalFile(this.#files.clusterId);
    const clusterToken = readOptionalFile(this.#files.clusterToken);
    if (clusterToken) this.#onSecret(clusterToken);
    if (!clusterId || !clusterToken || !isPlain(clusterId) || !isPlain(clusterToken)) return undefined;
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

  /** What is wrong with the two files, in words; undefined when nothing is. */
  problem(): string | undefined {
    const paths = [this.#files.clusterId, this.#files.clusterToken];
    const missing = paths.filter((path) => !readOptionalFile(path));
    if (missing.length > 0) return `missing or empty: ${missing.join(', ')}`;
    const unusable = paths.filter((path) => !isPlain(readOptionalFile(path) ?? ''));
    return unusable.length > 0 ? notPlain(unusable.join(', ')) : undefined;
  }

  /** Headers of a Cloudflare Access service token, when its files are there. Throws when they can't be used. */
  accessHeaders(): Record<string, string> {
    const { accessClientId, accessClientSecret } = this.#files;
    const [id, secret] = [this.#headerFrom(accessClientId), this.#headerFrom(accessClientSecret)];
    if (id && secret) return { 'CF-Access-Client-Id': id, 'CF-Access-Client-Secret': secret };
    if (!id && !secret) return {};
    const missing = id ? accessClientSecret : accessClientId;
    throw new RelayerError('configuration', `missing or empty: ${missing}, which belongs to a file that is there`);
  }

  /** Throws when the file's text can't be sent. */
  registrationToken(): string | undefined {
    return this.#headerFrom(this.#files.registrationToken);
  }

  /** PEM of the backend's own CA; undefined for the system's. */
  backendCa(): string | undefined {
    return readOptionalFile(this.#files.backendCa);
  }

  #headerFrom(path: string): string | undefined {
    const text = readOptionalFile(path);
    if (text === undefined) return undefined;
    this.#onSecret(text);
    if (isPlain(text)) return text;
    throw new RelayerError('configuration', notPlain(path));
  }
}

/** The text itself is not told: it is secret, or part of one. */
function notPlain(path: string): string {
  return `${path} has a line break, a space or another character in it that no HTTP header can carry: write it anew without`;
}
