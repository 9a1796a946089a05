import { add, and, concat, isNotEmpty, mergeByKey, mergeMaps, onlyWhen } from '../expression/build.ts';
import type { ConfigMap, Job, NetworkPolicy, Role, RoleBinding, ServiceAccount } from '../kubernetes/types.ts';
import { values } from '../values/references.ts';
import { config } from './config.ts';
import { registersByJob, registrationServiceAccountName } from './facts.ts';
import { relayerImage } from './images.ts';
import { type MetadataOptions, chartName, labels, metadata, nameOf, selectorLabels } from './names.ts';
import { registrationEgress } from './egress.ts';
import { imagePullSecrets } from './pod.ts';
import { registrationRole, registrationRoleBinding } from './rbac.ts';
import {
  backendMounts,
  backendVolumes,
  podIdentity,
  registrationMounts,
  registrationVolumes,
} from './relayer-container.ts';
import type { TemplatedResource } from './resource.ts';

const { registration, relayer } = values;

/**
 * Hooks run before the chart's ordinary objects exist, so that the Job has everything it needs as hooks of
 * its own, each made before what needs it. Helm sorts equal weights by name: no two are equal.
 */
const weights = {
  serviceAccount: -60,
  role: -50,
  roleBinding: -40,
  configMap: -30,
  networkPolicy: -20,
  job: -10,
} as const;

/**
 * Hook objects belong to no release: they are replaced at the next install or upgrade and go when all hooks
 * have succeeded. After a failure they stay, so that the Job's log can be read.
 */
function hook(part: keyof typeof weights, options: MetadataOptions = {}): MetadataOptions {
  return {
    suffix: '-register',
    component: 'registration',
    ...options,
    fixedAnnotations: {
      'helm.sh/hook': 'pre-install,pre-upgrade',
      'helm.sh/hook-weight': String(weights[part]),
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
      ...options.fixedAnnotations,
    },
  };
}

export const registrationServiceAccount: TemplatedResource<ServiceAccount> = onlyWhen(
  and(registersByJob, registration.serviceAccount.create),
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata(
      hook('serviceAccount', {
        name: registrationServiceAccountName,
        annotations: registration.serviceAccount.annotations,
      }),
    ),
    automountServiceAccountToken: false,
  },
);

const hasRbac = and(registersByJob, values.rbac.create);

export const registrationJobRole: TemplatedResource<Role> = onlyWhen(hasRbac, registrationRole(hook('role')));
export const registrationJobRoleBinding: TemplatedResource<RoleBinding> = onlyWhen(
  hasRbac,
  registrationRoleBinding(hook('roleBinding'), registrationServiceAccountName),
);

export const registrationConfigMap: TemplatedResource<ConfigMap> = onlyWhen(registersByJob, {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata(hook('configMap')),
  data: config,
});

export const registrationNetworkPolicy: TemplatedResource<NetworkPolicy> = onlyWhen(
  and(registersByJob, values.networkPolicy.enabled),
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(hook('networkPolicy')),
    spec: {
      podSelector: { matchLabels: selectorLabels('registration') },
      egress: registrationEgress,
      // Nothing may reach the Job.
      policyTypes: ['Ingress', 'Egress'],
    },
  },
);

/** `register` gives up before the Job's deadline, so that the pod and its log stay. */
const secondsBeforeDeadline = 30;

export const registrationJob: TemplatedResource<Job> = onlyWhen(registersByJob, {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: metadata(hook('job', { fixedAnnotations: { 'helm.sh/hook-output-log-policy': 'hook-failed' } })),
  spec: {
    activeDeadlineSeconds: registration.activeDeadlineSeconds,
    backoffLimit: registration.backoffLimit,
    ttlSecondsAfterFinished: registration.ttlSecondsAfterFinished,
    template: {
      metadata: {
        labels: mergeMaps<string>(labels('registration'), registration.podLabels, selectorLabels('registration')),
        annotations: registration.podAnnotations,
      },
      spec: {
        serviceAccountName: registrationServiceAccountName,
        automountServiceAccountToken: true,
        enableServiceLinks: false,
        imagePullSecrets,
        securityContext: relayer.podSecurityContext,
        containers: [
          {
            name: 'register',
            image: relayerImage,
            imagePullPolicy: relayer.image.pullPolicy,
            args: [
              'register',
              '--timeout-seconds',
              concat(add(registration.activeDeadlineSeconds, -secondsBeforeDeadline)),
            ],
            envFrom: [{ configMapRef: { name: nameOf('-register') } }],
            env: mergeByKey(registration.extraEnv, {
              by: 'name',
              helper: `${chartName}.podIdentity`,
              ours: podIdentity,
            }),
            resources: registration.resources,
            securityContext: relayer.securityContext,
            volumeMounts: [...registrationMounts, ...backendMounts],
          },
        ],
        volumes: [...registrationVolumes, ...backendVolumes],
        nodeSelector: registration.nodeSelector,
        tolerations: registration.tolerations,
        priorityClassName: onlyWhen(isNotEmpty(relayer.priorityClassName), relayer.priorityClassName),
        hostAliases: relayer.hostAliases,
        dnsPolicy: onlyWhen(isNotEmpty(relayer.dnsPolicy), relayer.dnsPolicy),
        dnsConfig: relayer.dnsConfig,
        restartPolicy: 'Never',
      },
    },
  },
});
