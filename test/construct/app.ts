/** A cdk8s app in memory, and values for it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart, type ChartProps } from 'cdk8s';
import { parse, parseAllDocuments } from 'yaml';
import { ConsonantRelayer, type ReleaseProps, type ValuesInput } from '../../src/index.ts';
import type { Json, JsonMap } from '../../src/expression/json.ts';
import { isJsonMap } from '../../src/expression/json.ts';
import { coalesce } from '../../src/schema/coalesce.ts';

/** The fewest values that are accepted. */
export const leastValues: ValuesInput = {
  cluster: { name: 'test-1' },
  backend: { url: 'https://backend.example.com' },
  cloudflare: { enabled: false },
  llm: { provider: 'ollama' },
};

export const release: ReleaseProps = { name: 'relayer', namespace: 'consonant' };

export function newChart(props: ChartProps = {}): Chart {
  return new Chart(new App(), 'chart', props);
}

export function newRelayer(values: ValuesInput = leastValues, chart = newChart()): ConsonantRelayer {
  return new ConsonantRelayer(chart, 'relayer', { values, release });
}

/** A values block of the product README, with the keys that it leaves out and that are required. */
export function readExample(file: string): ValuesInput {
  const example = parse(readFileSync(join(import.meta.dirname, 'examples', file), 'utf8')) as JsonMap;
  const isExternal = (example['secrets'] as JsonMap | undefined)?.['mode'] === 'external';
  const secrets = isExternal ? {} : { cloudflare: { tunnelToken: 'eyJ...' }, llm: { apiKey: 'sk-...' } };
  const required = { cluster: { name: 'test-1' }, backend: { url: 'https://backend.example.com' }, ...secrets };
  const given = file === 'development.yaml' ? example : coalesce(required, example);
  return given as unknown as ValuesInput;
}

/** The documents that the app writes, as a YAML 1.2 reader reads them. */
export function documentsOf(app: App): readonly JsonMap[] {
  return parseAllDocuments(app.synthYaml()).map((document) => document.toJS() as JsonMap);
}

/** What cdk8s leaves of a value: it drops the null properties of a map. */
export function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonMap(value)) return value;
  const present = Object.entries(value).filter(([, part]) => part !== null);
  return Object.fromEntries(present.map(([key, part]) => [key, withoutNulls(part)]));
}
