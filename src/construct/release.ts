import type { Problem } from '../errors.ts';
import type { ReleaseOptions } from '../manifest/definition.ts';

/** Names the installed instance, as `helm install NAME --namespace NAMESPACE` would. */
export interface ReleaseProps {
  /** Release name: at most 53 lower-case letters, digits, hyphens and dots. */
  readonly name: string;
  /** Namespace of all objects. It must exist, or be made by the caller. */
  readonly namespace: string;
  /**
   * Value of the label `app.kubernetes.io/managed-by`.
   * @default "cdk8s"
   */
  readonly service?: string;
  /**
   * Version of the cluster: fields that an older one does not know are left out.
   * @default "1.28"
   */
  readonly kubeVersion?: string;
}

const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** As Helm checks release names. */
const releaseName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const maxReleaseName = 53;
const labelValue = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** Fills in the defaults. */
export function releaseOptionsOf(props: ReleaseProps): ReleaseOptions {
  return {
    name: props.name,
    namespace: props.namespace,
    service: props.service ?? 'cdk8s',
    kubeVersion: props.kubeVersion ?? '1.28',
  };
}

/** What Helm would refuse too, each with the path of the construct's property. */
export function releaseProblems(release: ReleaseOptions): readonly Problem[] {
  const checks: readonly (readonly [boolean, string, string])[] = [
    [
      releaseName.test(release.name) && release.name.length <= maxReleaseName,
      'release.name',
      `must be lower-case letters, digits, "-" and ".", at most ${maxReleaseName} characters`,
    ],
    [dnsLabel.test(release.namespace), 'release.namespace', 'must be lower-case letters, digits and "-", at most 63'],
    [labelValue.test(release.service), 'release.service', 'must be a label value'],
    [/^v?[0-9]+\.[0-9]+/.test(release.kubeVersion), 'release.kubeVersion', 'must be a version such as 1.30 or v1.30.1'],
  ];
  return checks.filter(([holds]) => !holds).map(([, path, message]) => ({ path, message }));
}
