import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { evaluateText } from '../../src/expression/evaluate.ts';
import type { Json } from '../../src/expression/json.ts';
import { node } from '../../src/expression/node.ts';
import { type ChartDefinition, renderObjects, scopeOf } from '../../src/manifest/definition.ts';
import { definition } from '../../src/resources/definition.ts';
import { parseValues, valuesSchema } from '../../src/schema/parse.ts';
import { Values } from '../../src/values/values.ts';
import { readme, rich } from '../resources/configurations.ts';
import { type UserValues, at, minimal, overlay, release } from '../resources/render.ts';
import { type Leaf, leavesOf, valuesFor } from './candidates.ts';

const model = (provider: string): UserValues => ({
  llm: { provider, model: 'm', azureopenai: { endpoint: 'https://a.example.com' }, modelConfig: { create: true } },
});
const existing: UserValues = {
  cloudflare: { tunnelToken: '', existingSecret: 'tunnel' },
  llm: { apiKey: '', existingSecret: 'llm' },
};

/** Documents that between them switch every feature on. */
const bases: readonly UserValues[] = [
  minimal,
  rich['everything-on'].values,
  rich['external-and-scaled'].values,
  readme.development.values,
  overlay(minimal, existing, model('anthropic')),
  overlay(minimal, { backend: { credentials: { existingSecret: 'mine' } }, service: { type: 'LoadBalancer' } }),
  overlay(minimal, { registration: { existingSecret: 'registration' }, backend: { caSecret: { name: 'ca' } } }),
  ...['openai', 'azureopenai', 'ollama'].map((provider) => overlay(minimal, model(provider))),
];

/** Everything that a user sees of these values: objects and notes, or the rules they break; undefined: wrong shape. */
function outcomeOf(chart: ChartDefinition, values: UserValues): string | undefined {
  const { objects, problems } = renderObjects(chart, values, release);
  if (problems !== undefined) {
    return problems.every(({ path }) => path === '') ? problems.map(({ message }) => message).join('\n') : undefined;
  }
  const parsed = parseValues(chart.schema, values).values ?? {};
  const notes = evaluateText(chart.notes[node] as Parameters<typeof evaluateText>[0], scopeOf(chart, parsed, release));
  return JSON.stringify([objects, notes]);
}

/** The keys of which no change shows in any of the documents. */
function deadKeys(chart: ChartDefinition, documents: readonly UserValues[]): readonly string[] {
  const before = documents.map((values) => outcomeOf(chart, values));
  expect(before).not.toContain(undefined);
  const hasEffect = ({ path, schema }: Leaf): boolean =>
    documents.some((values, i) =>
      valuesFor(schema).some((value: Json) => {
        const after = outcomeOf(chart, overlay(values, at(path.join('.'), value)));
        return after !== undefined && after !== before[i];
      }),
    );
  return leavesOf(chart.schema.json)
    .filter((leaf) => !hasEffect(leaf))
    .map(({ path }) => path.join('.'));
}

describe('every key of the values', () => {
  it("changes an object, the notes or what is refused; but for `enabled`, which is a parent chart's", () => {
    expect(leavesOf(definition.schema.json).length).toBeGreaterThan(200);
    expect(deadKeys(definition, bases)).toEqual(['enabled']);
  }, 120_000);

  it('has another value to try', () => {
    const isOther = (schema: Leaf['schema'], value: Json): boolean =>
      JSON.stringify(value) !== JSON.stringify(schema.default);
    const without = leavesOf(definition.schema.json).filter(
      ({ schema }) => !valuesFor(schema).some((value) => isOther(schema, value)),
    );
    expect(without.map(({ path }) => path.join('.'))).toEqual([]);
  });

  it('would be missed if nothing read it', () => {
    const unread = z
      .strictObject({ key: z.string().default('').describe('Unread') })
      .prefault({})
      .describe('Unread');
    const only = z.strictObject({ ...Values.shape, unread }).describe('Values');
    const chart = { ...definition, schema: valuesSchema(only) };
    const leaf = leavesOf(chart.schema.json).filter(({ path }) => path[0] === 'unread');
    const few = { ...chart.schema, json: { properties: { unread: chart.schema.json.properties?.['unread'] ?? {} } } };
    expect(leaf).toHaveLength(1);
    expect(deadKeys({ ...chart, schema: few }, [minimal])).toEqual(['unread.key']);
  });
});
