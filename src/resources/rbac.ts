import { and, onlyWhen, release } from '../expression/build.ts';
import type { Expression } from '../expression/node.ts';
import type { Role, RoleBinding } from '../kubernetes/types.ts';
import type { Templated } from '../expression/templated.ts';
import { values } from '../values/references.ts';
import { registersAtStartup, serviceAccountName } from './facts.ts';
import { type MetadataOptions, metadata, nameOf } from './names.ts';
import type { TemplatedResource } from './resource.ts';

/**
 * Whoever registers the cluster may read and write one Secret and nothing else. `create` with a name works
 * since the Secret is written by server-side apply, which the API server authorises with the name.
 */
export function registrationRole(options: MetadataOptions): Templated<Role> {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: metadata(options),
    rules: [
      {
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: [nameOf('-cluster')],
        verbs: ['get', 'create', 'patch'],
      },
    ],
  };
}

/** Gives the role of the same name to a ServiceAccount of the release's namespace. */
export function registrationRoleBinding(options: MetadataOptions, account: Expression<string>): Templated<RoleBinding> {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: metadata(options),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: nameOf(options.suffix ?? '') },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: release.namespace }],
  };
}

const isNeeded = and(values.rbac.create, registersAtStartup);

/** The relayer itself talks to the Kubernetes API only where it registers itself. */
export const role: TemplatedResource<Role> = onlyWhen(isNeeded, registrationRole({}));
export const roleBinding: TemplatedResource<RoleBinding> = onlyWhen(
  isNeeded,
  registrationRoleBinding({}, serviceAccountName),
);
