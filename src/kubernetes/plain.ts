import type { k8s } from 'cdk8s-plus-28';

/**
 * The plain JSON that a Kubernetes type of cdk8s stands for: its own key names instead of cdk8s' renamed ones, a string
 * or number instead of `IntOrString` and `Quantity`, a string instead of a date or an enum, `unknown` instead of `any`.
 *
 * We build plain data and never call cdk8s' `toJson…` functions, which would rename the keys on the way out.
 */
export type Plain<T> = IsAny<T> extends true ? unknown : T extends unknown ? PlainMember<T> : never;

/** One member of a union. */
type PlainMember<T> =
  Same<T, Boxed> extends true
    ? string | number
    : T extends Date
      ? string
      : T extends string
        ? `${T}`
        : T extends number | boolean | null | undefined
          ? T
          : T extends readonly (infer Item)[]
            ? readonly Plain<Item>[]
            : T extends object
              ? { readonly [K in keyof T as JsonName<K, T>]: Plain<T[K]> }
              : T;

/** The key's name in JSON. `schema` is renamed in one type only: give the type that has it. */
type JsonName<K, T = unknown> = K extends keyof Renamed
  ? Renamed[K]
  : K extends 'schema'
    ? Same<T, k8s.JsonSchemaProps> extends true
      ? '$schema'
      : K
    : K;

/** `any` alone is compatible with everything in both directions. */
type IsAny<T> = 0 extends 1 & T ? true : false;

/** Whether each type is assignable to the other. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** What `IntOrString` and `Quantity` look like, and no other Kubernetes type: `HttpHeader` has a name as well. */
interface Boxed {
  readonly value: string | number;
}

/** Every key that the `toJson…` functions of cdk8s-plus-28 2.5.6 write under another name. */
interface Renamed {
  clientIp: 'clientIP';
  clusterIp: 'clusterIP';
  datasetUuid: 'datasetUUID';
  diskUri: 'diskURI';
  downwardApi: 'downwardAPI';
  externalId: 'externalID';
  hostIp: 'hostIP';
  hostIpc: 'hostIPC';
  hostPid: 'hostPID';
  insecureSkipTlsVerify: 'insecureSkipTLSVerify';
  loadBalancerIp: 'loadBalancerIP';
  nodeId: 'nodeID';
  nonResourceUrLs: 'nonResourceURLs';
  openApiv3Schema: 'openAPIV3Schema';
  pdId: 'pdID';
  podCidr: 'podCIDR';
  podCidRs: 'podCIDRs';
  providerId: 'providerID';
  ref: '$ref';
  scaleIo: 'scaleIO';
  setHostnameAsFqdn: 'setHostnameAsFQDN';
  storagePolicyId: 'storagePolicyID';
  targetCpuUtilizationPercentage: 'targetCPUUtilizationPercentage';
  targetWwNs: 'targetWWNs';
  volumeId: 'volumeID';
  xKubernetesEmbeddedResource: 'x-kubernetes-embedded-resource';
  xKubernetesIntOrString: 'x-kubernetes-int-or-string';
  xKubernetesListMapKeys: 'x-kubernetes-list-map-keys';
  xKubernetesListType: 'x-kubernetes-list-type';
  xKubernetesMapType: 'x-kubernetes-map-type';
  xKubernetesPreserveUnknownFields: 'x-kubernetes-preserve-unknown-fields';
  xKubernetesValidations: 'x-kubernetes-validations';
}
