import type { k8s } from 'cdk8s-plus-28';
import { z } from 'zod';
import { boolean, dataKey, integer, optionalName } from './fields.ts';
import { annotations, environment, fragments, labels, resources } from './fragments.ts';
import { RegistrationServiceAccount } from './service-account.ts';

export const Registration = z
  .strictObject({
    enabled: boolean(true, 'Register the cluster at the backend. Off: its credentials must already be in a Secret'),
    mode: z
      .enum(['job', 'startup'])
      .default('job')
      .describe(
        'job: a Helm hook registers before the install. startup: the relayer registers itself, for Argo CD, Flux and plain apply',
      ),
    existingSecret: optionalName(
      'Secret with the token that allows registering; in job mode it must exist before the install',
    ),
    existingSecretKey: dataKey('token', 'Key of the token in that Secret'),
    activeDeadlineSeconds: integer(
      { min: 60, max: 86400 },
      240,
      'Time the Job may take, in seconds; it gives up 30 seconds earlier and keeps its log',
    ),
    backoffLimit: integer({ min: 0, max: 100 }, 2, 'How often the Job is tried again'),
    ttlSecondsAfterFinished: integer({ min: 0, max: 31536000 }, 3600, 'Time a finished Job is kept, in seconds'),
    resources: resources(
      { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '128Mi' } },
      'Resources of the Job and of `helm test`',
    ),
    podAnnotations: annotations(
      'Annotations of the pods of the Job and of `helm test`; in an Istio mesh: `sidecar.istio.io/inject: "false"`',
    ),
    podLabels: labels('Labels of the pods of the Job and of `helm test`'),
    nodeSelector: labels('Labels that the node of the Job and of `helm test` must have'),
    tolerations: fragments<k8s.Toleration>('Node taints that the pods of the Job and of `helm test` tolerate'),
    extraEnv: environment('More environment variables of the Job'),
    serviceAccount: RegistrationServiceAccount,
  })
  .prefault({})
  .describe('Registration of the cluster');
