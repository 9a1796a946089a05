import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';

export interface Subject {
  readonly commonName: string;
  readonly organisation?: string;
  /** Such as `DNS:localhost` and `IP:127.0.0.1`. */
  readonly names?: readonly string[];
}

export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority of a day, with openssl. */
export class Authority {
  readonly certificate: string;
  readonly #folder: string;
  readonly #name: string;

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
    this.certificate = join(folder, `${name}.crt`);
  }

  static async create(folder: string, name: string): Promise<Authority> {
    const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)];
    await openssl('req', '-x509', ...newKey, '-days', '1', '-subj', `/CN=${name}`, ...files);
    return new Authority(folder, name);
  }

  get pem(): string {
    return readFileSync(this.certificate, 'utf8');
  }

  /** Good for servers and clients alike. */
  async issue(file: string, { commonName, organisation, names = [] }: Subject): Promise<KeyPair> {
    const base = join(this.#folder, file);
    const pair = { certificate: `${base}.crt`, key: `${base}.key` };
    const subject = `${organisation === undefined ? '' : `/O=${organisation}`}/CN=${commonName}`;
    const extensions = ['extendedKeyUsage=serverAuth,clientAuth'];
    if (names.length > 0) extensions.push(`subjectAltName=${names.join(',')}`);
    writeFileSync(`${base}.ext`, extensions.join('\n'));
    await openssl('req', ...newKey, '-subj', subject, '-keyout', pair.key, '-out', `${base}.csr`);
    const signer = ['-CA', this.certificate, '-CAkey', join(this.#folder, `${this.#name}.key`), '-CAcreateserial'];
    const files = ['-in', `${base}.csr`, '-out', pair.certificate, '-extfile', `${base}.ext`];
    await openssl('x509', '-req', '-days', '1', ...signer, ...files);
    return pair;
  }
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];

async function openssl(...args: readonly string[]): Promise<void> {
  await run('openssl', args);
}
