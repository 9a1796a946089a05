import { concat, onlyWhen, release } from '../expression/build.ts';
import type { Pod } from '../kubernetes/types.ts';
import { values } from '../values/references.ts';
import { relayerImage } from './images.ts';
import { fullname, metadata } from './names.ts';
import { imagePullSecrets } from './pod.ts';
import type { TemplatedResource } from './resource.ts';

const { registration, relayer } = values;

/** `helm test`: one span, log record and data point over gRPC and HTTP to the Service, then `/health`. */
export const testPod: TemplatedResource<Pod> = onlyWhen(values.tests.enabled, {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: metadata({
    suffix: '-test',
    component: 'test',
    labels: registration.podLabels,
    annotations: registration.podAnnotations,
    fixedAnnotations: {
      'helm.sh/hook': 'test',
      // Helm 3 reads the log for `helm test --logs` after it has deleted what `hook-succeeded` names.
      'helm.sh/hook-delete-policy': 'before-hook-creation',
    },
  }),
  spec: {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    imagePullSecrets,
    securityContext: relayer.podSecurityContext,
    containers: [
      {
        name: 'probe',
        image: relayerImage,
        imagePullPolicy: relayer.image.pullPolicy,
        args: ['probe', '--host', concat(fullname, '.', release.namespace, '.svc')],
        env: [
          { name: 'OTLP_GRPC_PORT', value: concat(relayer.otel.grpcPort) },
          { name: 'OTLP_HTTP_PORT', value: concat(relayer.otel.httpPort) },
          { name: 'HEALTH_PORT', value: concat(relayer.health.port) },
        ],
        resources: registration.resources,
        securityContext: relayer.securityContext,
      },
    ],
    nodeSelector: registration.nodeSelector,
    tolerations: registration.tolerations,
    restartPolicy: 'Never',
  },
});
