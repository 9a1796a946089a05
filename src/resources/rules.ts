/** What the schema can't say: conditions across several values, each with a message that says what to do. */
import {
  and,
  atMost,
  equals,
  has,
  hasKey,
  listOf,
  hasPrefix,
  isEmpty,
  isGiven,
  isNotEmpty,
  lessThan,
  matches,
  not,
  or,
  scalarText,
} from '../expression/build.ts';
import type { Expression } from '../expression/node.ts';
import type { Rule } from '../manifest/definition.ts';
import { values } from '../values/references.ts';
import {
  hasInlineLlmApiKey,
  hasInlineTunnelToken,
  isAccess,
  isConnector,
  registersByJob,
  registrationServiceAccountName,
  bytesOf,
  secondsOf,
  serviceAccountName,
} from './facts.ts';
import { fullname } from './names.ts';

const { backend, cloudflare, cluster, llm, podDisruptionBudget, registration, relayer, secrets } = values;
const { service, serviceAccount, serviceMonitor } = values;
const { autoscaling, health, otel, queue, strategy } = relayer;

type Condition = Expression<boolean>;

/** `if` implies `then`. */
function implies(condition: Condition, then: Condition): Condition {
  return or(not(condition), then);
}
function isZero(value: Expression<string | number>): Condition {
  return has(listOf('0', '0%'), scalarText(value));
}

const isExternal = equals(secrets.mode, 'external');
const isProvider = (name: 'ollama' | 'azureopenai'): Condition => equals(llm.provider, name);

const connection: readonly Rule[] = [
  {
    holds: not(and(equals(cluster.environment, 'production'), hasPrefix(backend.url, 'http:'))),
    message: '`backend.url` must start with https when `cluster.environment` is production',
  },
  {
    holds: atMost(backend.reconnection.delay, backend.reconnection.maxDelay),
    message: '`backend.reconnection.delay` must be at most `backend.reconnection.maxDelay`',
  },
];

function sameOrOneEmpty(a: Expression<string>, b: Expression<string>, names: readonly [string, string]): Rule {
  return {
    holds: or(isEmpty(a), isEmpty(b), equals(a, b)),
    message: `\`${names[0]}\` and \`${names[1]}\` differ: set only one of them`,
  };
}
function noInlineSecret(value: Expression<string>, name: string): Rule {
  return {
    holds: not(and(isExternal, isNotEmpty(value))),
    message: `\`${name}\` must be empty with \`secrets.mode\` external: put the secret into the store, or set \`secrets.mode\` to kubernetes`,
  };
}

const secretRules: readonly Rule[] = [
  sameOrOneEmpty(llm.apiKey, secrets.kubernetes.llmApiKey, ['llm.apiKey', 'secrets.kubernetes.llmApiKey']),
  sameOrOneEmpty(cloudflare.tunnelToken, secrets.kubernetes.tunnelToken, [
    'cloudflare.tunnelToken',
    'secrets.kubernetes.tunnelToken',
  ]),
  noInlineSecret(llm.apiKey, 'llm.apiKey'),
  noInlineSecret(secrets.kubernetes.llmApiKey, 'secrets.kubernetes.llmApiKey'),
  noInlineSecret(cloudflare.tunnelToken, 'cloudflare.tunnelToken'),
  noInlineSecret(secrets.kubernetes.tunnelToken, 'secrets.kubernetes.tunnelToken'),
  {
    holds: not(and(isNotEmpty(llm.existingSecret), hasInlineLlmApiKey)),
    message: '`llm.existingSecret` and an inline API key are both set: remove one of them',
  },
  {
    holds: not(and(isNotEmpty(cloudflare.existingSecret), hasInlineTunnelToken)),
    message: '`cloudflare.existingSecret` and an inline tunnel token are both set: remove one of them',
  },
  {
    holds: implies(and(isExternal, secrets.external.enabled), isNotEmpty(secrets.external.secretStore.name)),
    message: '`secrets.external.secretStore.name` is required with `secrets.mode` external',
  },
  {
    holds: implies(isConnector, or(hasInlineTunnelToken, isNotEmpty(cloudflare.existingSecret), isExternal)),
    message:
      '`cloudflare.tunnelToken` is required: give the token of a tunnel for this cluster, `cloudflare.existingSecret`, or `secrets.mode` external; or set `cloudflare.enabled` to false',
  },
  {
    holds: implies(isAccess, isNotEmpty(cloudflare.access.existingSecret)),
    message: '`cloudflare.access.existingSecret` is required with `cloudflare.mode` access',
  },
  {
    holds: or(isProvider('ollama'), hasInlineLlmApiKey, isNotEmpty(llm.existingSecret), isExternal),
    message:
      '`llm.apiKey` is required: give the key, `llm.existingSecret`, or `secrets.mode` external; only `llm.provider` ollama needs none',
  },
];

const modelRules: readonly Rule[] = [
  {
    holds: implies(llm.modelConfig.create, isNotEmpty(llm.model)),
    message: '`llm.model` is required with `llm.modelConfig.create`',
  },
  {
    holds: implies(and(llm.modelConfig.create, isProvider('azureopenai')), isNotEmpty(llm.azureopenai.endpoint)),
    message: '`llm.azureopenai.endpoint` is required with `llm.modelConfig.create` and `llm.provider` azureopenai',
  },
];

function differ(a: Expression<number>, b: Expression<number>, names: readonly [string, string]): Rule {
  return { holds: not(equals(a, b)), message: `\`${names[0]}\` and \`${names[1]}\` must be different ports` };
}
/** cloudflared shares the pod's network. */
function notTunnelMetrics(port: Expression<number>, name: string): Rule {
  const rule = differ(port, cloudflare.sidecar.metrics.port, [name, 'cloudflare.sidecar.metrics.port']);
  return { ...rule, holds: implies(isConnector, rule.holds) };
}

const portRules: readonly Rule[] = [
  differ(otel.grpcPort, otel.httpPort, ['relayer.otel.grpcPort', 'relayer.otel.httpPort']),
  differ(otel.grpcPort, health.port, ['relayer.otel.grpcPort', 'relayer.health.port']),
  differ(otel.httpPort, health.port, ['relayer.otel.httpPort', 'relayer.health.port']),
  notTunnelMetrics(otel.grpcPort, 'relayer.otel.grpcPort'),
  notTunnelMetrics(otel.httpPort, 'relayer.otel.httpPort'),
  notTunnelMetrics(health.port, 'relayer.health.port'),
];

const scalingRules: readonly Rule[] = [
  {
    holds: implies(autoscaling.enabled, atMost(autoscaling.minReplicas, autoscaling.maxReplicas)),
    message: '`relayer.autoscaling.minReplicas` must be at most `relayer.autoscaling.maxReplicas`',
  },
  {
    holds: implies(
      autoscaling.enabled,
      or(
        lessThan(0, autoscaling.targetCPUUtilizationPercentage),
        lessThan(0, autoscaling.targetMemoryUtilizationPercentage),
      ),
    ),
    message:
      '`relayer.autoscaling` needs a target: set `targetCPUUtilizationPercentage` or `targetMemoryUtilizationPercentage` above 0',
  },
  {
    holds: not(and(autoscaling.enabled, queue.persistence.enabled)),
    message: '`relayer.autoscaling.enabled` and `relayer.queue.persistence.enabled` exclude each other',
  },
  {
    holds: implies(
      equals(strategy.type, 'RollingUpdate'),
      not(and(isZero(strategy.rollingUpdate.maxSurge), isZero(strategy.rollingUpdate.maxUnavailable))),
    ),
    message:
      '`relayer.strategy.rollingUpdate.maxSurge` and `relayer.strategy.rollingUpdate.maxUnavailable` must not both be 0',
  },
  {
    holds: not(and(isGiven(podDisruptionBudget.minAvailable), isGiven(podDisruptionBudget.maxUnavailable))),
    message: 'set only one of `podDisruptionBudget.minAvailable` and `podDisruptionBudget.maxUnavailable`',
  },
];

/** A full queue on a smaller volume would get the pod evicted, and its data lost. */
function holdsQueue(size: Expression<string>, helper: string, name: string): Rule {
  return {
    holds: or(isEmpty(size), atMost(queue.maxBytes, bytesOf(helper, size))),
    message: `\`${name}\` must be at least \`relayer.queue.maxBytes\``,
  };
}

const otherRules: readonly Rule[] = [
  holdsQueue(queue.emptyDir.sizeLimit, 'emptyDirBytes', 'relayer.queue.emptyDir.sizeLimit'),
  holdsQueue(queue.persistence.size, 'persistenceBytes', 'relayer.queue.persistence.size'),
  {
    holds: atMost(secondsOf('maxConnectionAgeSeconds', otel.maxConnectionAge), 24 * 60 * 60),
    message: '`relayer.otel.maxConnectionAge` must be at most 24h',
  },
  {
    holds: or(
      isEmpty(serviceMonitor.scrapeTimeout),
      atMost(
        secondsOf('scrapeTimeoutSeconds', serviceMonitor.scrapeTimeout),
        secondsOf('scrapeIntervalSeconds', serviceMonitor.interval),
      ),
    ),
    message: '`serviceMonitor.scrapeTimeout` must be at most `serviceMonitor.interval`',
  },
  {
    holds: not(and(equals(service.clusterIP, 'None'), not(equals(service.type, 'ClusterIP')))),
    message: '`service.clusterIP` can be None only with `service.type` ClusterIP',
  },
  {
    // The Job may write a Secret, the relayer may not; and a hook can't share an ordinary object.
    holds: implies(
      and(serviceAccount.create, registersByJob, registration.serviceAccount.create),
      not(equals(serviceAccountName, registrationServiceAccountName)),
    ),
    message: '`serviceAccount.name` and `registration.serviceAccount.name` must differ',
  },
  {
    // A Service's name is a DNS-1035 label (RFC 1035); a release's name may have dots and start with a digit.
    holds: matches(fullname, '^[a-z]([a-z0-9-]*[a-z0-9])?$'),
    message:
      "the objects' name must start with a letter and hold only letters, digits and hyphens: set `fullnameOverride`, or choose another release name",
  },
];

/** Helm takes an object with this annotation for a hook, and drops it where it does not know the hook. */
function noHook(annotations: Expression<object>, name: string): Rule {
  return {
    holds: not(hasKey(annotations, 'helm.sh/hook')),
    message: `\`${name}\` can't make hooks of the chart's objects: remove \`helm.sh/hook\``,
  };
}

const annotationRules: readonly Rule[] = [
  noHook(values.commonAnnotations, 'commonAnnotations'),
  noHook(values.registration.serviceAccount.annotations, 'registration.serviceAccount.annotations'),
  noHook(values.service.annotations, 'service.annotations'),
  noHook(values.serviceAccount.annotations, 'serviceAccount.annotations'),
  noHook(serviceMonitor.annotations, 'serviceMonitor.annotations'),
  noHook(values.prometheusRule.annotations, 'prometheusRule.annotations'),
  noHook(values.dashboard.annotations, 'dashboard.annotations'),
];

/** All rules; both back-ends check them in this order and say every one that is broken. */
export const rules: readonly Rule[] = [
  ...connection,
  ...secretRules,
  ...modelRules,
  ...portRules,
  ...scalingRules,
  ...otherRules,
  ...annotationRules,
];
