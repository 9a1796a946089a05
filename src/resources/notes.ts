/** What `helm install` and `helm upgrade` print at their end. */
import {
  and,
  asPlain,
  chart,
  concat,
  equals,
  hasPrefix,
  isEmpty,
  join,
  linesEither,
  linesWhen,
  matches,
  not,
  or,
  release,
  text,
} from '../expression/build.ts';
import type { Text } from '../expression/node.ts';
import { values } from '../values/references.ts';
import {
  agentNamespaces,
  hasInlineLlmApiKey,
  hasInlineTunnelToken,
  hasTunnelSecret,
  hasLlmSecret,
  inlineLlmApiKey,
  inlineTunnelToken,
  isConnector,
  isStateful,
  registersByJob,
  credentialsSecret,
} from './facts.ts';
import { fullname, nameOf } from './names.ts';
import { blocksDrains } from './pod-disruption-budget.ts';

const { backend, networkPolicy, registration, relayer, service } = values;
const namespace = asPlain(release.namespace);
const kubectl = '     kubectl -n ';

const isLocalhost = matches(backend.url, '^https?://(localhost|127[.][0-9.]+|\\[::1\\])(:[0-9]+)?(/.*)?$');
/** Cloudflare's tunnel tokens are base64 of JSON, and start so. */
const oddToken = and(hasInlineTunnelToken, not(hasPrefix(inlineTunnelToken, 'eyJ')));
/** Keys of Anthropic and OpenAI start so. */
const oddKey = and(
  hasInlineLlmApiKey,
  or(equals(values.llm.provider, 'anthropic'), equals(values.llm.provider, 'openai')),
  not(hasPrefix(inlineLlmApiKey, 'sk-')),
);
const unregistered = and(not(registration.enabled), isEmpty(backend.credentials.existingSecret));

const otlpEndpoint = concat('http://', fullname, '.', release.namespace, '.svc:', relayer.otel.grpcPort);

export const notes: Text = text(
  ['Consonant Relayer ', asPlain(chart.appVersion), ' is installed as release ', asPlain(release.name), '.'],
  ['It sends what the agents report to ', asPlain(backend.url), '.'],
  '',
  '1. Wait until the pods are ready:',
  linesEither(
    isStateful,
    [[kubectl, namespace, ' rollout status statefulset/', asPlain(fullname), ' --timeout=5m']],
    [[kubectl, namespace, ' rollout status deployment/', asPlain(fullname), ' --timeout=5m']],
  ),
  '',
  '2. See whether the backend is connected ("connected": true):',
  [
    kubectl,
    namespace,
    ' port-forward svc/',
    asPlain(fullname),
    ' ',
    asPlain(relayer.health.port),
    ':',
    asPlain(relayer.health.port),
  ],
  ['     curl http://localhost:', asPlain(relayer.health.port), '/health'],
  ['3. Let kagent send its telemetry here (agents in the namespaces ', asPlain(join(agentNamespaces, ', ')), ' may):'],
  '     helm upgrade kagent oci://ghcr.io/kagent-dev/kagent/helm/kagent -n kagent --reuse-values \\',
  '       --version "the version of kagent that runs" \\',
  '       --set otel.tracing.enabled=true --set otel.logging.enabled=true \\',
  ['       --set otel.tracing.exporter.otlp.endpoint=', asPlain(otlpEndpoint), ' \\'],
  ['       --set otel.logging.exporter.otlp.endpoint=', asPlain(otlpEndpoint)],
  linesWhen(values.tests.enabled, '', '4. Send test telemetry through the Service:', [
    '     helm -n ',
    namespace,
    ' test ',
    asPlain(release.name),
  ]),
  '',
  'If something is wrong:',
  [kubectl, namespace, ' logs -l app.kubernetes.io/instance=', asPlain(release.name), ' --all-containers --prefix'],
  linesWhen(registersByJob, [
    kubectl,
    namespace,
    ' logs job/',
    asPlain(nameOf('-register')),
    '   (kept when it failed)',
  ]),
  '',
  'Good to know:',
  '- Accepted telemetry survives a crash, a restart and an OOM kill of the container, and the deletion of a pod',
  '  that can still deliver within its grace period.',
  linesEither(
    isStateful,
    [
      '  It is on a PersistentVolumeClaim for each pod, and so survives a pod that is deleted while the backend is',
      '  down, and the loss of a node as far as the storage does. The claims stay after `helm uninstall`.',
    ],
    [
      '  It does not survive a pod that is deleted while the backend is down: for that, and for the loss of a node,',
      '  set relayer.queue.persistence.enabled.',
    ],
  ),
  ["- The cluster's credentials are in Secret ", asPlain(credentialsSecret), ', which stays after `helm uninstall`.'],
  linesWhen(
    or(hasTunnelSecret, hasLlmSecret),
    '- Secrets given as values are stored in the Helm release too. Existing Secrets or secrets.mode=external',
    '  avoid that.',
  ),
  linesWhen(
    isConnector,
    "- The tunnel must be one for this cluster, never the backend's own: a second connector of that tunnel",
    "  would draw a share of the backend's traffic here.",
  ),
  linesWhen(
    isLocalhost,
    '- WARNING: backend.url is a localhost address. In a pod that is the pod itself: use an address that the',
    '  cluster can reach.',
  ),
  linesWhen(
    hasPrefix(backend.url, 'http:'),
    "- WARNING: backend.url is not https: telemetry and the cluster's token travel unencrypted.",
  ),
  linesWhen(oddToken, "- WARNING: the tunnel token does not look like one: Cloudflare's start with eyJ."),
  linesWhen(oddKey, '- WARNING: the API key of the language model does not look like one: it should start with sk-.'),
  linesWhen(
    not(networkPolicy.enabled),
    '- WARNING: networkPolicy.enabled is false: any pod may send telemetry, and the relayer may reach anything.',
  ),
  linesWhen(
    not(equals(service.type, 'ClusterIP')),
    '- WARNING: service.type publishes every port of the Service, those of health and metrics too, and telemetry',
    '  is taken without a password: restrict who can reach it.',
  ),
  linesWhen(
    and(values.prometheusRule.enabled, not(values.serviceMonitor.enabled)),
    ['- WARNING: serviceMonitor.enabled is false: the alerts watch job="', asPlain(fullname), '", which only that'],
    '  ServiceMonitor gives. Without it RelayerAbsent fires, and the others do not.',
  ),
  linesWhen(blocksDrains, '- No PodDisruptionBudget was made: for a single pod this one would block every node drain.'),
  linesWhen(unregistered, [
    '- WARNING: registration is off: the Secret ',
    asPlain(credentialsSecret),
    ' must hold clusterId and clusterToken.',
  ]),
);
