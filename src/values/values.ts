import { z } from 'zod';
import { Backend } from './backend.ts';
import { Cloudflare } from './cloudflare.ts';
import { Cluster } from './cluster.ts';
import { PodDisruptionBudget } from './disruption.ts';
import { general } from './general.ts';
import { Kagent } from './kagent.ts';
import { Llm } from './llm.ts';
import { Dashboard, PrometheusRule, ServiceMonitor } from './monitoring.ts';
import { NetworkPolicy } from './network-policy.ts';
import { Registration } from './registration.ts';
import { Relayer } from './relayer.ts';
import { Secrets } from './secrets.ts';
import { Rbac, ServiceAccount } from './service-account.ts';
import { Service } from './service.ts';

/**
 * Everything a user may set, in the order of values.yaml: the only source of types, defaults, values.yaml,
 * values.schema.json and the README's table. Rules across keys are in rules.ts.
 */
export const Values = z
  .strictObject({
    cluster: Cluster,
    backend: Backend,
    registration: Registration,
    secrets: Secrets,
    cloudflare: Cloudflare,
    llm: Llm,
    kagent: Kagent,
    relayer: Relayer,
    service: Service,
    serviceAccount: ServiceAccount,
    rbac: Rbac,
    networkPolicy: NetworkPolicy,
    podDisruptionBudget: PodDisruptionBudget,
    serviceMonitor: ServiceMonitor,
    prometheusRule: PrometheusRule,
    dashboard: Dashboard,
    ...general,
  })
  .describe('Values of the Consonant Relayer chart');

/** The values with every default filled in. */
export type Values = z.output<typeof Values>;

/** The values as a user gives them. */
export type ValuesInput = z.input<typeof Values>;
