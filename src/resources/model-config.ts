import { either, equals, forEach, isNotEmpty, onlyWhen, orDefault } from '../expression/build.ts';
import type { Expression, OnlyWhen } from '../expression/node.ts';
import type { ModelConfig } from '../kubernetes/types.ts';
import type { Templated } from '../expression/templated.ts';
import { values } from '../values/references.ts';
import type { Values } from '../values/values.ts';
import { llmSecret, llmSecretKey, modelNamespaces, modelUsesKey } from './facts.ts';
import { fullname, metadata } from './names.ts';
import type { TemplatedResource } from './resource.ts';

const { llm } = values;

type Provider = Values['llm']['provider'];
const is = (provider: Provider): Expression<boolean> => equals(llm.provider, provider);
const optional = (text: Expression<string>): OnlyWhen<Templated<string>> => onlyWhen(isNotEmpty(text), text);

/** kagent writes the providers' names in its own way. */
const provider: Templated<ModelConfig['spec']['provider']> = either(
  is('anthropic'),
  'Anthropic',
  either(is('openai'), 'OpenAI', either(is('azureopenai'), 'AzureOpenAI', either(is('gemini'), 'Gemini', 'Ollama'))),
);

/** The model that kagent's Agents use, in each of their namespaces; its Secret is beside it. */
export const modelConfig: TemplatedResource<ModelConfig> = onlyWhen(
  llm.modelConfig.create,
  forEach(modelNamespaces, 'namespace', (namespace) => ({
    apiVersion: 'kagent.dev/v1alpha2',
    kind: 'ModelConfig',
    metadata: metadata({ name: orDefault(llm.modelConfig.name, fullname), namespace }),
    spec: {
      provider,
      model: llm.model,
      apiKeySecret: onlyWhen(modelUsesKey, llmSecret),
      apiKeySecretKey: onlyWhen(modelUsesKey, llmSecretKey),
      anthropic: onlyWhen(is('anthropic'), { baseUrl: optional(llm.anthropic.baseURL) }),
      openAI: onlyWhen(is('openai'), {
        baseUrl: optional(llm.openai.baseURL),
        organization: optional(llm.openai.organization),
      }),
      azureOpenAI: onlyWhen(is('azureopenai'), {
        azureEndpoint: llm.azureopenai.endpoint,
        apiVersion: llm.azureopenai.apiVersion,
        azureDeployment: optional(llm.azureopenai.deployment),
      }),
      ollama: onlyWhen(is('ollama'), { host: optional(llm.ollama.host) }),
    },
  })),
);
