/** The plain types of the objects that the chart has, from cdk8s-plus-28 and from `imports/`. */
import type { k8s } from 'cdk8s-plus-28';
import type { ExternalSecretProps } from '../../imports/types/external-secrets.io.d.ts';
import type { ModelConfigProps } from '../../imports/types/kagent.dev.d.ts';
import type { PrometheusRuleProps, ServiceMonitorProps } from '../../imports/types/monitoring.coreos.com.d.ts';
import type { Plain } from './plain.ts';

type Kind<ApiVersion extends string, Name extends string, Props> = {
  readonly apiVersion: ApiVersion;
  readonly kind: Name;
} & Plain<Props>;

export type ConfigMap = Kind<'v1', 'ConfigMap', k8s.KubeConfigMapProps>;
export type Deployment = Kind<'apps/v1', 'Deployment', k8s.KubeDeploymentProps>;
export type ExternalSecret = Kind<string, 'ExternalSecret', ExternalSecretProps>;
export type HorizontalPodAutoscaler = Kind<
  'autoscaling/v2',
  'HorizontalPodAutoscaler',
  k8s.KubeHorizontalPodAutoscalerV2Props
>;
export type Job = Kind<'batch/v1', 'Job', k8s.KubeJobProps>;
export type ModelConfig = Kind<'kagent.dev/v1alpha2', 'ModelConfig', ModelConfigProps>;
export type NetworkPolicy = Kind<'networking.k8s.io/v1', 'NetworkPolicy', k8s.KubeNetworkPolicyProps>;
export type Pod = Kind<'v1', 'Pod', k8s.KubePodProps>;
export type PodDisruptionBudget = Kind<'policy/v1', 'PodDisruptionBudget', k8s.KubePodDisruptionBudgetProps>;
export type PrometheusRule = Kind<'monitoring.coreos.com/v1', 'PrometheusRule', PrometheusRuleProps>;
export type Role = Kind<'rbac.authorization.k8s.io/v1', 'Role', k8s.KubeRoleProps>;
export type RoleBinding = Kind<'rbac.authorization.k8s.io/v1', 'RoleBinding', k8s.KubeRoleBindingProps>;
export type Secret = Kind<'v1', 'Secret', k8s.KubeSecretProps>;
export type Service = Kind<'v1', 'Service', k8s.KubeServiceProps>;
export type ServiceAccount = Kind<'v1', 'ServiceAccount', k8s.KubeServiceAccountProps>;
export type ServiceMonitor = Kind<'monitoring.coreos.com/v1', 'ServiceMonitor', ServiceMonitorProps>;
/** With the kind of its claims, which cdk8s' type leaves out. */
export type StatefulSet = Kind<'apps/v1', 'StatefulSet', Omit<k8s.KubeStatefulSetProps, 'spec'>> & {
  readonly spec: Omit<Plain<k8s.StatefulSetSpec>, 'volumeClaimTemplates'> & {
    readonly volumeClaimTemplates: readonly Kind<'v1', 'PersistentVolumeClaim', k8s.KubePersistentVolumeClaimProps>[];
  };
};

export type Container = Plain<k8s.Container>;
export type EnvVar = Plain<k8s.EnvVar>;
export type NetworkPolicyEgressRule = Plain<k8s.NetworkPolicyEgressRule>;
export type NetworkPolicyIngressRule = Plain<k8s.NetworkPolicyIngressRule>;
export type NetworkPolicyPeer = Plain<k8s.NetworkPolicyPeer>;
export type NetworkPolicyPort = Plain<k8s.NetworkPolicyPort>;
export type ObjectMeta = Plain<k8s.ObjectMeta>;
export type PodSpec = Plain<k8s.PodSpec>;
export type PodTemplateSpec = Plain<k8s.PodTemplateSpec>;
export type Probe = Plain<k8s.Probe>;
export type ServicePort = Plain<k8s.ServicePort>;
export type Volume = Plain<k8s.Volume>;
export type VolumeMount = Plain<k8s.VolumeMount>;
