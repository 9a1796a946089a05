import { and, isNotEmpty, mergeByKey, not, onlyWhen, splice } from '../expression/build.ts';
import type { Container, EnvVar, Probe, Volume, VolumeMount } from '../kubernetes/types.ts';
import type { Templated, TemplatedList } from '../expression/templated.ts';
import type { References } from '../schema/references.ts';
import { values } from '../values/references.ts';
import type { Values } from '../values/values.ts';
import { credentialsKeys, credentialsSecret, isAccess, registersAtStartup } from './facts.ts';
import { relayerImage } from './images.ts';
import { chartName, nameOf } from './names.ts';

const { backend, cloudflare, registration, relayer, serviceAccount } = values;

/** Where the image expects files: see the relayer's settings table. */
const directories = {
  queue: '/var/lib/consonant/queue',
  cluster: '/var/run/consonant/cluster',
  registration: '/var/run/consonant/registration',
  access: '/var/run/consonant/access',
  backendCa: '/var/run/consonant/backend-ca',
  kubernetes: '/var/run/secrets/kubernetes.io/serviceaccount',
} as const;

/** Files that only the container's group may read: octal 0440. */
const groupReadable = 0o440;

/** A Secret as files. Optional: a missing one is a clear line in the log, not a pod that never starts. */
function secretVolume(
  name: string,
  secretName: Templated<string>,
  items: readonly { readonly key: Templated<string>; readonly path: string }[],
): Templated<Volume> {
  return { name, secret: { secretName, items, defaultMode: groupReadable, optional: true } };
}

const clusterCredentials = secretVolume('cluster-credentials', credentialsSecret, [
  { key: credentialsKeys.clusterId, path: 'clusterId' },
  { key: credentialsKeys.clusterToken, path: 'clusterToken' },
]);
const registrationToken = secretVolume('registration-token', registration.existingSecret, [
  { key: registration.existingSecretKey, path: 'token' },
]);
const accessToken = secretVolume('access-token', cloudflare.access.existingSecret, [
  { key: 'clientId', path: 'clientId' },
  { key: 'clientSecret', path: 'clientSecret' },
]);
const backendCa = secretVolume('backend-ca', backend.caSecret.name, [{ key: backend.caSecret.key, path: 'ca.crt' }]);

/** What Kubernetes mounts into every container with `automountServiceAccountToken`. */
const kubernetesAccess: Templated<Volume> = {
  name: 'kube-api-access',
  projected: {
    defaultMode: groupReadable,
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
    ],
  },
};
/** Registering writes a Secret: the relayer alone gets the token, not cloudflared beside it. */
const needsKubernetes = and(registersAtStartup, not(serviceAccount.automount));

const hasCa = isNotEmpty(backend.caSecret.name);
const hasRegistrationToken = isNotEmpty(registration.existingSecret);

function readOnlyMount(name: string, mountPath: string): Templated<VolumeMount> {
  return { name, mountPath, readOnly: true };
}

/** What both the relayer and the Job need to reach the backend. */
export const backendVolumes: TemplatedList<Volume> = [onlyWhen(isAccess, accessToken), onlyWhen(hasCa, backendCa)];
export const backendMounts: TemplatedList<VolumeMount> = [
  onlyWhen(isAccess, readOnlyMount('access-token', directories.access)),
  onlyWhen(hasCa, readOnlyMount('backend-ca', directories.backendCa)),
];
/** The token that allows registering. */
export const registrationVolumes: TemplatedList<Volume> = [onlyWhen(hasRegistrationToken, registrationToken)];
export const registrationMounts: TemplatedList<VolumeMount> = [
  onlyWhen(hasRegistrationToken, readOnlyMount('registration-token', directories.registration)),
];

/** The relayer's volumes without its queue. */
export const relayerVolumes: TemplatedList<Volume> = [
  clusterCredentials,
  ...backendVolumes,
  onlyWhen(and(registersAtStartup, hasRegistrationToken), registrationToken),
  onlyWhen(needsKubernetes, kubernetesAccess),
];

export const queueVolumeName = 'queue';

const relayerMounts: TemplatedList<VolumeMount> = [
  { name: queueVolumeName, mountPath: directories.queue },
  readOnlyMount('cluster-credentials', directories.cluster),
  ...backendMounts,
  onlyWhen(
    and(registersAtStartup, hasRegistrationToken),
    readOnlyMount('registration-token', directories.registration),
  ),
  onlyWhen(needsKubernetes, readOnlyMount('kube-api-access', directories.kubernetes)),
];

/** The pod's own name and namespace; everything else comes from the ConfigMap. */
export const podIdentity: readonly Templated<EnvVar>[] = [
  { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
];

type Timing = References<Values['relayer']['health']['liveness']>;

function probe(path: string, timing: Timing): Templated<Probe> {
  return {
    httpGet: { path, port: 'http' },
    initialDelaySeconds: timing.initialDelaySeconds,
    periodSeconds: timing.periodSeconds,
    timeoutSeconds: timing.timeoutSeconds,
    failureThreshold: timing.failureThreshold,
  };
}

/**
 * Ready means "can accept durably", not "connected": tied to the backend, readiness would take every endpoint
 * off the Service in an outage, and agents would drop their data.
 */
export const relayerContainer: Templated<Container> = {
  name: 'relayer',
  image: relayerImage,
  imagePullPolicy: relayer.image.pullPolicy,
  args: ['run'],
  envFrom: [{ configMapRef: { name: nameOf('-config') } }, splice(relayer.extraEnvFrom)],
  env: mergeByKey(relayer.extraEnv, { by: 'name', helper: `${chartName}.podIdentity`, ours: podIdentity }),
  ports: [
    { name: 'otlp-grpc', containerPort: relayer.otel.grpcPort, protocol: 'TCP' },
    { name: 'otlp-http', containerPort: relayer.otel.httpPort, protocol: 'TCP' },
    { name: 'http', containerPort: relayer.health.port, protocol: 'TCP' },
  ],
  startupProbe: probe('/livez', relayer.health.startup),
  livenessProbe: probe('/livez', relayer.health.liveness),
  readinessProbe: probe('/readyz', relayer.health.readiness),
  lifecycle: relayer.lifecycle,
  resources: relayer.resources,
  securityContext: relayer.securityContext,
  volumeMounts: mergeByKey(relayer.extraVolumeMounts, {
    by: 'mountPath',
    helper: `${chartName}.relayerVolumeMounts`,
    ours: relayerMounts,
  }),
};
