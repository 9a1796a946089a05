import { describe, expect, it } from 'vitest';
import { type KubeObject, all, fullname, problems, render } from './render.ts';

const modelsOf = (llm = {}): readonly KubeObject[] =>
  all(render({ llm: { model: 'm', modelConfig: { create: true }, ...llm } }), 'ModelConfig');
const specOf = (llm = {}): KubeObject => modelsOf(llm)[0].spec;

describe('the ModelConfig', () => {
  it('is made only when it is asked for', () => {
    expect(all(render({ llm: { model: 'm' } }), 'ModelConfig')).toEqual([]);
  });

  it("is in the release's namespace, or in each that is given, once", () => {
    const places = (namespaces: readonly string[]): readonly string[] =>
      modelsOf({ modelConfig: { create: true, namespaces } }).map(({ metadata }) => metadata.namespace);
    expect(places([])).toEqual(['relay']);
    expect(places(['kagent', 'agents', 'kagent'])).toEqual(['kagent', 'agents']);
  });

  it('has a name that Agents refer to', () => {
    expect(modelsOf()[0].metadata.name).toBe(fullname);
    expect(modelsOf({ modelConfig: { create: true, name: 'default-model' } })[0].metadata.name).toBe('default-model');
  });

  it('finds the key where the chart puts it, or where it is', () => {
    expect(specOf()).toMatchObject({ apiKeySecret: `${fullname}-llm`, apiKeySecretKey: 'apiKey' });
    expect(specOf({ existingSecretKey: 'other' })).toMatchObject({ apiKeySecretKey: 'apiKey' });
    const existing = { apiKey: '', existingSecret: 'mine', existingSecretKey: 'key' };
    expect(specOf(existing)).toMatchObject({ apiKeySecret: 'mine', apiKeySecretKey: 'key' });
  });

  it.each([
    [
      'anthropic',
      { baseURL: 'https://a.example.com' },
      'Anthropic',
      { anthropic: { baseUrl: 'https://a.example.com' } },
    ],
    [
      'openai',
      { baseURL: 'https://o.example.com', organization: 'org' },
      'OpenAI',
      { openAI: { baseUrl: 'https://o.example.com', organization: 'org' } },
    ],
    [
      'azureopenai',
      { endpoint: 'https://z.example.com', deployment: 'd', apiVersion: '2025-01-01' },
      'AzureOpenAI',
      { azureOpenAI: { azureEndpoint: 'https://z.example.com', azureDeployment: 'd', apiVersion: '2025-01-01' } },
    ],
    ['ollama', { host: 'http://ollama:11434' }, 'Ollama', { ollama: { host: 'http://ollama:11434' } }],
    ['gemini', {}, 'Gemini', {}],
  ])('of %s is written as kagent writes it', (provider, settings, name, block) => {
    const spec = specOf({ provider, [provider]: settings });
    const key = provider === 'ollama' ? {} : { apiKeySecret: `${fullname}-llm`, apiKeySecretKey: 'apiKey' };
    expect(spec).toEqual({ provider: name, model: 'm', ...key, ...block });
  });

  it('has no block of another provider, and no empty one', () => {
    expect(specOf({ provider: 'openai', anthropic: { baseURL: 'https://a.example.com' } })).not.toHaveProperty(
      'anthropic',
    );
    expect(Object.keys(specOf())).not.toContain('anthropic');
  });

  it('needs a model, and for Azure an endpoint', () => {
    expect(problems({ llm: { modelConfig: { create: true } } })).toEqual([
      '`llm.model` is required with `llm.modelConfig.create`',
    ]);
    expect(problems({ llm: { provider: 'azureopenai', model: 'm', modelConfig: { create: true } } })).toEqual([
      expect.stringContaining('`llm.azureopenai.endpoint` is required'),
    ]);
  });
});
