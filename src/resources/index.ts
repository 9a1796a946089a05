import type { Resource } from '../manifest/definition.ts';
import { configMap } from './config.ts';
import { dashboard } from './dashboard.ts';
import { deployment } from './deployment.ts';
import { extraObjects } from './extra-objects.ts';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';
import { modelConfig } from './model-config.ts';
import { networkPolicy } from './network-policy.ts';
import { podDisruptionBudget } from './pod-disruption-budget.ts';
import { prometheusRule } from './prometheus-rule.ts';
import { role, roleBinding } from './rbac.ts';
import {
  registrationConfigMap,
  registrationJob,
  registrationJobRole,
  registrationJobRoleBinding,
  registrationNetworkPolicy,
  registrationServiceAccount,
} from './registration.ts';
import { llmExternalSecret, llmSecret, tunnelExternalSecret, tunnelSecret } from './secrets.ts';
import { serviceAccount } from './service-account.ts';
import { serviceMonitor } from './service-monitor.ts';
import { headlessService, service } from './service.ts';
import { statefulSet } from './statefulset.ts';
import { testPod } from './test-pod.ts';

/** Every template of the chart, in the order in which the construct makes the objects. */
export const resources: readonly Resource[] = [
  { file: 'serviceaccount', manifest: serviceAccount },
  { file: 'role', manifest: role },
  { file: 'rolebinding', manifest: roleBinding },
  { file: 'configmap', manifest: configMap },
  { file: 'secret-tunnel', manifest: tunnelSecret },
  { file: 'secret-llm', manifest: llmSecret },
  { file: 'externalsecret-tunnel', manifest: tunnelExternalSecret },
  { file: 'externalsecret-llm', manifest: llmExternalSecret },
  { file: 'registration/serviceaccount', manifest: registrationServiceAccount },
  { file: 'registration/role', manifest: registrationJobRole },
  { file: 'registration/rolebinding', manifest: registrationJobRoleBinding },
  { file: 'registration/configmap', manifest: registrationConfigMap },
  { file: 'registration/networkpolicy', manifest: registrationNetworkPolicy },
  { file: 'registration/job', manifest: registrationJob },
  { file: 'networkpolicy', manifest: networkPolicy },
  { file: 'service', manifest: service },
  { file: 'service-headless', manifest: headlessService },
  { file: 'deployment', manifest: deployment },
  { file: 'statefulset', manifest: statefulSet },
  { file: 'horizontalpodautoscaler', manifest: horizontalPodAutoscaler },
  { file: 'poddisruptionbudget', manifest: podDisruptionBudget },
  { file: 'servicemonitor', manifest: serviceMonitor },
  { file: 'prometheusrule', manifest: prometheusRule },
  { file: 'dashboard', manifest: dashboard },
  { file: 'modelconfig', manifest: modelConfig },
  { file: 'tests/connection', manifest: testPod },
  { file: 'extraobjects', manifest: extraObjects },
];
