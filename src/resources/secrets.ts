import { forEach, isNotEmpty, onlyWhen } from '../expression/build.ts';
import type { Expression } from '../expression/node.ts';
import type { ExternalSecret, Secret } from '../kubernetes/types.ts';
import type { Templated } from '../expression/templated.ts';
import { values } from '../values/references.ts';
import {
  hasLlmExternalSecret,
  hasLlmSecret,
  hasTunnelExternalSecret,
  hasTunnelSecret,
  inlineLlmApiKey,
  inlineTunnelToken,
  llmSecretNamespaces,
} from './facts.ts';
import { type NameSuffix, metadata, nameOf } from './names.ts';
import type { TemplatedResource } from './resource.ts';

const { external } = values.secrets;

/** The token of the tunnel, where the values hold it. */
export const tunnelSecret: TemplatedResource<Secret> = onlyWhen(hasTunnelSecret, {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: metadata({ suffix: '-tunnel' }),
  type: 'Opaque',
  stringData: { tunnelToken: inlineTunnelToken },
});

/** The API key of the language model, where the values hold it: beside each ModelConfig, or in the release's namespace. */
export const llmSecret: TemplatedResource<Secret> = onlyWhen(
  hasLlmSecret,
  forEach(llmSecretNamespaces, 'namespace', (namespace) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadata({ suffix: '-llm', namespace }),
    type: 'Opaque',
    stringData: { apiKey: inlineLlmApiKey },
  })),
);

export const tunnelExternalSecret: TemplatedResource<ExternalSecret> = onlyWhen(
  hasTunnelExternalSecret,
  externalSecret('-tunnel', 'tunnelToken', external.paths.tunnelToken),
);

export const llmExternalSecret: TemplatedResource<ExternalSecret> = onlyWhen(
  hasLlmExternalSecret,
  forEach(llmSecretNamespaces, 'namespace', (namespace) =>
    externalSecret('-llm', 'apiKey', external.paths.llmApiKey, namespace),
  ),
);

interface RemotePath {
  readonly key: Expression<string>;
  readonly property: Expression<string>;
}

/** The operator makes a Secret of the same name, with one key. */
function externalSecret(
  suffix: NameSuffix,
  secretKey: string,
  remote: RemotePath,
  namespace?: Expression<string>,
): Templated<ExternalSecret> {
  return {
    apiVersion: external.apiVersion,
    kind: 'ExternalSecret',
    metadata: metadata({ suffix, ...(namespace === undefined ? {} : { namespace }) }),
    spec: {
      refreshInterval: external.refreshInterval,
      secretStoreRef: { name: external.secretStore.name, kind: external.secretStore.kind },
      target: { name: nameOf(suffix), creationPolicy: 'Owner' },
      data: [
        {
          secretKey,
          remoteRef: { key: remote.key, property: onlyWhen(isNotEmpty(remote.property), remote.property) },
        },
      ],
    },
  };
}
