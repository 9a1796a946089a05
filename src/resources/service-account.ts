import { onlyWhen } from '../expression/build.ts';
import type { ServiceAccount } from '../kubernetes/types.ts';
import { values } from '../values/references.ts';
import { serviceAccountName } from './facts.ts';
import { metadata } from './names.ts';
import type { TemplatedResource } from './resource.ts';

/** The relayer's account. Its token is mounted only into pods that ask for it. */
export const serviceAccount: TemplatedResource<ServiceAccount> = onlyWhen(values.serviceAccount.create, {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: metadata({ name: serviceAccountName, annotations: values.serviceAccount.annotations }),
  automountServiceAccountToken: false,
});
