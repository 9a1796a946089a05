import { z } from 'zod';
import { boolean, formatted, optional, optionalName, text } from './fields.ts';
import { formats } from './formats.ts';

const InKubernetes = z
  .strictObject({
    llmApiKey: text('', 'API key of the language model, the same as `llm.apiKey`'),
    tunnelToken: text('', 'Token of the Cloudflare tunnel, the same as `cloudflare.tunnelToken`'),
  })
  .prefault({})
  .describe('Secrets that are given in the values; they end up in the Helm release');

const SecretStore = z
  .strictObject({
    name: optionalName('Name of the store. Required with `secrets.mode` external'),
    kind: z
      .enum(['SecretStore', 'ClusterSecretStore'])
      .default('SecretStore')
      .describe('Whether the store is in the namespace or in the cluster'),
  })
  .prefault({})
  .describe('Store of the External Secrets Operator');

const remotePath = (key: string, what: string) =>
  z
    .strictObject({
      key: formatted(formats.printable, key, 'Name or path of the secret in the store'),
      property: optional(formats.printable, 'Property of that secret. Empty: the whole secret'),
    })
    .prefault({})
    .describe(what);

const External = z
  .strictObject({
    enabled: boolean(true, 'Print the ExternalSecrets. Off: you make the Secrets of the same names'),
    apiVersion: formatted(
      formats.externalSecretsVersion,
      'external-secrets.io/v1',
      'API version of the ExternalSecrets; operators before 0.16 need external-secrets.io/v1beta1',
    ),
    secretStore: SecretStore,
    refreshInterval: formatted(formats.duration, '1h', 'How often the store is read, such as 30m or 1h'),
    paths: z
      .strictObject({
        llmApiKey: remotePath('consonant/llm-api-key', 'Where the API key of the language model is'),
        tunnelToken: remotePath('consonant/tunnel-token', 'Where the token of the Cloudflare tunnel is'),
      })
      .prefault({})
      .describe('Where the secrets are in the store'),
  })
  .prefault({})
  .describe('Secrets that the External Secrets Operator fetches');

export const Secrets = z
  .strictObject({
    mode: z
      .enum(['kubernetes', 'external'])
      .default('kubernetes')
      .describe('kubernetes: from the values or existing Secrets. external: from the External Secrets Operator'),
    kubernetes: InKubernetes,
    external: External,
  })
  .prefault({})
  .describe('Where the API key of the language model and the token of the tunnel come from');
