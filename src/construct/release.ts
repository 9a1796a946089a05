/** Names the installed instance, as `helm install NAME --namespace NAMESPACE` would. */
export interface ReleaseProps {
  /** Release name: at most 53 lower-case letters, digits, hyphens and dots. */
  readonly name: string;
  /** Namespace of the objects. It must exist, or be made by the caller. */
  readonly namespace: string;
  /**
   * Value of the label `app.kubernetes.io/managed-by`.
   * @default "cdk8s"
   */
  readonly service?: string;
  /**
   * Version of the cluster, such as `1.30` or `v1.30.1-eks-1`: fields that an older one does not know are left out.
   * @default "1.28"
   */
  readonly kubeVersion?: string;
}
