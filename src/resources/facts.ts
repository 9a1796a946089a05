/** Facts that follow from the values and that several objects ask for. */
import {
  add,
  and,
  choose,
  concat,
  div,
  either,
  equals,
  hasPrefix,
  hasSuffix,
  integerOf,
  isEmpty,
  isNotEmpty,
  listOf,
  matches,
  mul,
  named,
  namedPart,
  not,
  or,
  orDefault,
  orDefaultList,
  regexFind,
  regexReplace,
  release,
  splice,
  trimPrefix,
  trimSuffix,
  union,
} from '../expression/build.ts';
import type { Expression } from '../expression/node.ts';
import { values } from '../values/references.ts';
import { chartName, nameOf } from './names.ts';

const { backend, cloudflare, kagent, llm, registration, relayer, secrets } = values;

type Condition = Expression<boolean>;

/** The cluster has credentials of its own and nothing is registered. */
const hasCredentials: Condition = isNotEmpty(backend.credentials.existingSecret);

/** A hook Job registers the cluster. */
export const registersByJob: Condition = named(
  `${chartName}.registersByJob`,
  and(registration.enabled, equals(registration.mode, 'job'), not(hasCredentials)),
);
/** The relayer registers itself when it starts. */
export const registersAtStartup: Condition = named(
  `${chartName}.registersAtStartup`,
  and(registration.enabled, equals(registration.mode, 'startup'), not(hasCredentials)),
);
/** What the relayer is told: `job`, `startup` or `none`. */
export const registrationMode: Expression<string> = named(
  `${chartName}.registrationMode`,
  choose(or(hasCredentials, not(registration.enabled)), 'none', registration.mode),
);

/** The Secret with clusterId and clusterToken: the user's or the one that registering writes. */
export const credentialsSecret: Expression<string> = named(
  `${chartName}.credentialsSecretName`,
  orDefault(backend.credentials.existingSecret, nameOf('-cluster')),
);
const { existingSecretKeys } = backend.credentials;
/** The keys in that Secret: registering writes `clusterId` and `clusterToken`. */
export const credentialsKeys: { readonly clusterId: Expression<string>; readonly clusterToken: Expression<string> } = {
  clusterId: choose(hasCredentials, existingSecretKeys.clusterId, 'clusterId'),
  clusterToken: choose(hasCredentials, existingSecretKeys.clusterToken, 'clusterToken'),
};

/** cloudflared runs beside the relayer. */
export const isConnector: Condition = named(
  `${chartName}.isConnector`,
  and(cloudflare.enabled, equals(cloudflare.mode, 'connector')),
);
/** Requests carry a Cloudflare Access service token. */
export const isAccess: Condition = named(
  `${chartName}.isAccess`,
  and(cloudflare.enabled, equals(cloudflare.mode, 'access')),
);
export const hasTunnelMetrics: Condition = named(
  `${chartName}.hasTunnelMetrics`,
  and(isConnector, cloudflare.sidecar.metrics.enabled),
);

/** The token and key that the values hold, under either of their names. */
export const inlineTunnelToken: Expression<string> = named(
  `${chartName}.tunnelToken`,
  orDefault(cloudflare.tunnelToken, secrets.kubernetes.tunnelToken),
);
export const inlineLlmApiKey: Expression<string> = named(
  `${chartName}.llmApiKey`,
  orDefault(llm.apiKey, secrets.kubernetes.llmApiKey),
);
/** One of the two names is used. */
export const hasInlineTunnelToken: Condition = or(
  isNotEmpty(cloudflare.tunnelToken),
  isNotEmpty(secrets.kubernetes.tunnelToken),
);
export const hasInlineLlmApiKey: Condition = or(isNotEmpty(llm.apiKey), isNotEmpty(secrets.kubernetes.llmApiKey));

const isExternal: Condition = equals(secrets.mode, 'external');
const usesExternalSecrets: Condition = and(isExternal, secrets.external.enabled);
/** Ollama takes no key. */
const needsLlmKey: Condition = not(equals(llm.provider, 'ollama'));

export const hasTunnelSecret: Condition = named(
  `${chartName}.hasTunnelSecret`,
  and(not(isExternal), isConnector, isEmpty(cloudflare.existingSecret), hasInlineTunnelToken),
);
export const hasTunnelExternalSecret: Condition = named(
  `${chartName}.hasTunnelExternalSecret`,
  and(usesExternalSecrets, isConnector, isEmpty(cloudflare.existingSecret)),
);
export const hasLlmSecret: Condition = named(
  `${chartName}.hasLlmSecret`,
  and(not(isExternal), isEmpty(llm.existingSecret), hasInlineLlmApiKey),
);
export const hasLlmExternalSecret: Condition = named(
  `${chartName}.hasLlmExternalSecret`,
  and(usesExternalSecrets, needsLlmKey, isEmpty(llm.existingSecret)),
);
export const modelUsesKey: Condition = needsLlmKey;

/** The Secrets that the pods and the ModelConfig read. */
export const tunnelSecret: Expression<string> = orDefault(cloudflare.existingSecret, nameOf('-tunnel'));
export const llmSecret: Expression<string> = orDefault(llm.existingSecret, nameOf('-llm'));
/** The keys in them: our own Secrets have fixed ones. */
export const tunnelSecretKey: Expression<string> = choose(
  isNotEmpty(cloudflare.existingSecret),
  cloudflare.existingSecretKey,
  'tunnelToken',
);
export const llmSecretKey: Expression<string> = choose(isNotEmpty(llm.existingSecret), llm.existingSecretKey, 'apiKey');

/** Where ModelConfigs go, and the Secret with the API key too: kagent wants them beside the Agent. */
export const modelNamespaces: Expression<readonly string[]> = union(
  orDefaultList(llm.modelConfig.namespaces, listOf(release.namespace)),
);
/** Without a ModelConfig the key's Secret is in the release's namespace. */
export const llmSecretNamespaces: Expression<readonly string[]> = namedPart(`${chartName}.llmSecretNamespaces`, [
  either(llm.modelConfig.create, splice(modelNamespaces), release.namespace),
]);
export const agentNamespaces: Expression<readonly string[]> = union(kagent.namespaces, listOf(release.namespace));

/** A Deployment, or a StatefulSet that keeps each pod's volume. */
export const isStateful: Condition = relayer.queue.persistence.enabled;

/** Bytes for the queue's volume: its segments need room beside what they hold. */
export const queueVolumeBytes: Expression<number> = add(relayer.queue.maxBytes, div(relayer.queue.maxBytes, 4));

export const serviceAccountName: Expression<string> = named(
  `${chartName}.serviceAccountName`,
  choose(
    values.serviceAccount.create,
    orDefault(values.serviceAccount.name, nameOf('')),
    orDefault(values.serviceAccount.name, 'default'),
  ),
);
export const registrationServiceAccountName: Expression<string> = named(
  `${chartName}.registrationServiceAccountName`,
  choose(
    registration.serviceAccount.create,
    orDefault(registration.serviceAccount.name, nameOf('-register')),
    orDefault(registration.serviceAccount.name, 'default'),
  ),
);

/** A duration such as `90s`, `10m` or `1h` in seconds; the helper is called `NAME`. */
export function secondsOf(helper: string, duration: Expression<string>): Expression<number> {
  const hours = mul(integerOf(trimSuffix(duration, 'h')), 3600);
  const minutes = mul(integerOf(trimSuffix(duration, 'm')), 60);
  const seconds = integerOf(trimSuffix(duration, 's'));
  return named(
    `${chartName}.${helper}`,
    choose(hasSuffix(duration, 'h'), hours, choose(hasSuffix(duration, 'm'), minutes, seconds)),
  );
}

const byteUnits: readonly (readonly [unit: string, bytes: number])[] = [
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
];

/** A whole Kubernetes quantity such as `500Mi` or `2Gi` in bytes; the helper is called `NAME`. */
export function bytesOf(helper: string, quantity: Expression<string>): Expression<number> {
  const bytes = byteUnits.reduceRight<Expression<number>>(
    (rest, [unit, factor]) =>
      choose(hasSuffix(quantity, unit), mul(integerOf(trimSuffix(quantity, unit)), factor), rest),
    integerOf(quantity),
  );
  return named(`${chartName}.${helper}`, bytes);
}

/** Where a URL leads, as far as a NetworkPolicy can say it. */
export interface Endpoint {
  readonly port: Expression<number>;
  /** The address block of a literal IP address; "" for a host name. */
  readonly addressBlock: Expression<string>;
}

/** The endpoint of a URL that the schema has checked; the helpers are called `NAMEPort`, `NAMEHost`, `NAMECidr`. */
function endpointOf(helper: string, url: Expression<string>): Endpoint {
  const authority = regexReplace(url, '^[a-z]+://([^/]*).*$', '${1}');
  const explicitPort = regexFind(authority, ':[0-9]+$');
  const fallback = choose(hasPrefix(url, 'https:'), 443, 80);
  const port = named(
    `${chartName}.${helper}Port`,
    choose(isNotEmpty(explicitPort), integerOf(trimPrefix(explicitPort, ':')), fallback),
  );
  const host = named(`${chartName}.${helper}Host`, regexReplace(authority, ':[0-9]+$', ''));
  const addressBlock = named(
    `${chartName}.${helper}Cidr`,
    choose(
      matches(host, '^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$'),
      concat(host, '/32'),
      choose(hasPrefix(host, '['), concat(trimSuffix(trimPrefix(host, '['), ']'), '/128'), ''),
    ),
  );
  return { port, addressBlock };
}

export const backendEndpoint: Endpoint = endpointOf('backend', backend.url);
export const proxyEndpoint: Endpoint = endpointOf('proxy', backend.proxy.url);
export const hasProxy: Condition = isNotEmpty(backend.proxy.url);
