import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root: string = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const chart: string = join(root, 'chart-out/consonant-relayer');

export function readPage(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Each file of the product README's examples, by name. */
export const examples: ReadonlyMap<string, string> = new Map(
  readdirSync(join(root, 'test/readme/examples')).map((name) => [name, readPage(`test/readme/examples/${name}`)]),
);

/** What the shorter values blocks leave out: "add them to a file that names the cluster, the backend and the secrets". */
export const requiredKeys = {
  cluster: { name: 'production-us-east-1' },
  backend: { url: 'https://consonant.company.com' },
} as const;
export const requiredSecrets = {
  cloudflare: { tunnelToken: 'eyJhIjoiY...' },
  llm: { apiKey: 'sk-ant-...' },
} as const;
