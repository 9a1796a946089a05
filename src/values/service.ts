import { z } from 'zod';
import { cidrList, optional } from './fields.ts';
import { formats, guardedOrEmpty } from './formats.ts';
import { annotations, labels } from './fragments.ts';

export const Service = z
  .strictObject({
    type: z
      .enum(['ClusterIP', 'NodePort', 'LoadBalancer'])
      .default('ClusterIP')
      .describe('Type of the Service. Its ports are those of `relayer.otel` and `relayer.health`'),
    annotations: annotations('Annotations of the Service'),
    labels: labels('Labels of the Service'),
    clusterIP: guardedOrEmpty(formats.clusterIp)
      .default('')
      .describe(
        'IP address of the Service. None: its name resolves to all pods, over which gRPC senders can spread. Empty: chosen by Kubernetes',
      ),
    internalTrafficPolicy: z
      .enum(['', 'Cluster', 'Local'])
      .default('')
      .describe("Local: senders reach only pods on their own node. Empty: Kubernetes' default, Cluster"),
    loadBalancerClass: optional(
      formats.labelKey,
      "Implementation of the load balancer, with type LoadBalancer. Empty: the cluster's default",
    ),
    loadBalancerSourceRanges: cidrList('Ranges that may use the load balancer, with type LoadBalancer. Empty: all'),
  })
  .prefault({})
  .describe('Service that agents send telemetry to');
