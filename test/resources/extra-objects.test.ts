import { describe, expect, it } from 'vitest';
import { problems, render } from './render.ts';

describe('extra objects', () => {
  it("are the user's, as they are: no template in them is run", () => {
    const extraObjects = [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a' },
        data: { text: '{{ .Values.llm.apiKey }}\n---\n' },
      },
      {
        apiVersion: 'example.com/v1',
        kind: 'Thing',
        metadata: { name: 'b', namespace: 'c' },
        spec: { empty: {}, n: 0 },
      },
    ];
    expect(render({ extraObjects }).slice(-2)).toEqual(extraObjects);
    expect(render({ extraObjects })).toHaveLength(render().length + 2);
  });

  it.each([
    ['no name', { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }],
    ['no kind', { apiVersion: 'v1', metadata: { name: 'a' } }],
    ['a version that is none', { apiVersion: 'v 1', kind: 'ConfigMap', metadata: { name: 'a' } }],
    [
      'a hook that Helm would drop without a word',
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', annotations: { 'helm.sh/hook': 'pre-instal' } } },
    ],
  ])('are refused with %s', (_, object) => {
    expect(problems({ extraObjects: [object] })).toHaveLength(1);
  });
});
