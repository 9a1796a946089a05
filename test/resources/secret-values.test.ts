import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definition } from '../../src/resources/definition.ts';
import { renderObjects } from '../../src/manifest/definition.ts';
import { valuesArbitrary } from '../equivalence/arbitrary.ts';
import { mendValues } from '../equivalence/mend-values.ts';
import { type KubeObject, notes, overlay, podOf, release, render } from './render.ts';
import { configurations, objectsOf } from './configurations.ts';

const token = 'MARKER-of-the-tunnel';
const key = 'MARKER-of-the-model';
const marked = overlay({ cloudflare: { tunnelToken: token }, llm: { apiKey: key } });

describe('secrets in the values', () => {
  it('are in no object but the Secrets, whatever else is set', () => {
    const documents = valuesArbitrary(definition.schema.json as never, { keys: [], names: [] }).map(mendValues);
    let seen = 0;
    fc.assert(
      fc.property(documents, (document) => {
        const own = { secrets: { mode: 'kubernetes', kubernetes: { llmApiKey: '', tunnelToken: '' } } };
        const values = overlay(document as never, own, marked, {
          cloudflare: { existingSecret: '' },
          llm: { existingSecret: '' },
        });
        const objects: readonly KubeObject[] = renderObjects(definition, values, release).objects ?? [];
        seen += objects.length;
        const others = objects.filter(({ kind, apiVersion }) => kind !== 'Secret' || apiVersion !== 'v1');
        expect(JSON.stringify(others)).not.toContain('MARKER');
      }),
      { numRuns: 60 },
    );
    expect(seen).toBeGreaterThan(200);
  });

  it('are in the Secrets, and not in the notes', () => {
    const text = JSON.stringify(render(marked).filter(({ kind }) => kind === 'Secret'));
    expect(text).toContain(token);
    expect(text).toContain(key);
    expect(notes(marked)).not.toContain('MARKER');
  });

  it.each(configurations)('are files in %s: no container reads a variable from a Secret', (_, configuration) => {
    const text = JSON.stringify(objectsOf(configuration).map((object) => object.spec?.template ?? object.spec));
    expect(text).not.toMatch(/secretKeyRef|"secretRef"/);
  });

  it('leave the key of the language model out of every pod', () => {
    const { spec } = podOf(render());
    expect(JSON.stringify(spec)).not.toContain('-llm');
  });
});
