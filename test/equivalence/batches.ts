import fc from 'fast-check';
import { renderObjects } from '../../src/manifest/definition.ts';
import { definition } from '../../src/resources/definition.ts';
import { isJsonMap, type Json } from '../helm/json.ts';
import type { Release } from '../helm/template.ts';
import { valuesArbitrary, type Pools } from './arbitrary.ts';
import type { JsonSchema } from './json-schema.ts';
import { mendValues } from './mend-values.ts';
import { mutatedValues } from './mutate-values.ts';

/** Documents that one Helm process renders, and for which release. */
export interface Batch {
  readonly seed: number;
  readonly documents: readonly Json[];
  readonly release: Release;
  readonly kubeVersion: string;
}

const schema = definition.schema.json as unknown as JsonSchema;

/** What the chart itself prints: users' labels, variables and volumes must collide with ours at times. */
const pools: Pools = poolsOf(definition.schema.defaults);

const valid = valuesArbitrary(schema, pools).map(mendValues);
/** Four of five are meant to be rendered; one has a fault somewhere. */
const document = fc.oneof(
  { weight: 8, arbitrary: valid },
  { weight: 1, arbitrary: mutatedValues(valid, definition.schema.defaults as Json) },
  { weight: 1, arbitrary: valuesArbitrary(schema, pools) },
);

const release = fc.record({
  name: fc.oneof(
    fc.stringMatching(/^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$/),
    fc.constantFrom(
      'consonant-prod',
      'my-consonant-relayer',
      'a',
      'release-name-that-is-rather-long-indeed-yes-it-is-so',
    ),
  ),
  namespace: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/),
});
/** The oldest that the chart supports, one on each side of a field that depends on it, and a new one. */
const kubeVersion = fc.constantFrom('1.24.0', '1.26.9', '1.27.0', '1.35.0');

/** The same seed gives the same batch, on any machine. */
export function batchOf(seed: number, size: number): Batch {
  const documents = fc.sample(document, { numRuns: size, seed });
  const [meta] = fc.sample(fc.record({ release, kubeVersion }), { numRuns: 1, seed });
  if (meta === undefined) throw new Error('no release was made');
  return { seed, documents, ...meta };
}

function poolsOf(defaults: unknown): Pools {
  const rich = {
    cluster: { name: 'abc' },
    backend: { url: 'https://a.test', caSecret: { name: 'ca' } },
    cloudflare: { tunnelToken: 'eyJ' },
    llm: { apiKey: 'sk-' },
    serviceMonitor: { enabled: true },
  };
  const release = { name: 'r', namespace: 'n', service: 'Helm', kubeVersion: '1.30' };
  const rendered = renderObjects(definition, rich, release).objects ?? [];
  const keys = new Set<string>();
  const names = new Set<string>();
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (isJsonMap(value as Json)) {
      for (const [key, part] of Object.entries(value as object)) {
        keys.add(key);
        if ((key === 'name' || key === 'mountPath') && typeof part === 'string') names.add(part);
        walk(part);
      }
    }
  };
  walk([...rendered, defaults]);
  return { keys: [...keys], names: [...names] };
}
