import { z } from 'zod';
import { boolean, dataKey, formatted, namespaceList, optional, optionalName, optionalUrl, text } from './fields.ts';
import { formats } from './formats.ts';

const Anthropic = z
  .strictObject({
    baseURL: optionalUrl("Address of the API. Empty: the provider's own"),
  })
  .prefault({})
  .describe('Settings of the provider anthropic');

const OpenAI = z
  .strictObject({
    baseURL: optionalUrl("Address of the API, or of a service that speaks it. Empty: the provider's own"),
    organization: optional(formats.printable, 'Id of the organization. Empty: the default of the API key'),
  })
  .prefault({})
  .describe('Settings of the provider openai');

const AzureOpenAI = z
  .strictObject({
    endpoint: optionalUrl('Endpoint such as https://NAME.openai.azure.com. Required for a ModelConfig'),
    apiVersion: formatted(formats.printable, '2024-10-21', 'Version of the API'),
    deployment: optional(formats.printable, 'Name of the deployment. Empty: the name of the model'),
  })
  .prefault({})
  .describe('Settings of the provider azureopenai');

const Gemini = z.strictObject({}).prefault({}).describe('The provider gemini has no settings of its own');

const Ollama = z
  .strictObject({
    host: optionalUrl("Address of Ollama such as http://ollama.ollama.svc:11434. Empty: kagent's default"),
  })
  .prefault({})
  .describe('Settings of the provider ollama');

const ModelConfig = z
  .strictObject({
    create: boolean(false, 'Create a kagent ModelConfig, and the Secret with its API key, in each namespace'),
    name: optionalName('Name of the ModelConfig, which Agents refer to. Empty: the full name'),
    namespaces: namespaceList([], 'Namespaces of the Agents that use it. Empty: the namespace of the release'),
  })
  .prefault({})
  .describe('kagent ModelConfig (kagent.dev/v1alpha2). `llm.model` is required for it');

export const Llm = z
  .strictObject({
    provider: z
      .enum(['anthropic', 'openai', 'azureopenai', 'gemini', 'ollama'])
      .default('anthropic')
      .describe('Provider of the language model'),
    model: optional(formats.printable, 'Name of the model at the provider'),
    apiKey: text('', 'API key of the provider. A Secret is safer. The relayer itself never reads it'),
    existingSecret: optionalName('Secret with the API key, in place of `llm.apiKey`'),
    existingSecretKey: dataKey('apiKey', 'Key of the API key in that Secret'),
    anthropic: Anthropic,
    openai: OpenAI,
    azureopenai: AzureOpenAI,
    gemini: Gemini,
    ollama: Ollama,
    modelConfig: ModelConfig,
  })
  .prefault({})
  .describe('Language model of the agents');
