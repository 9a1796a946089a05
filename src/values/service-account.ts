import { z } from 'zod';
import { boolean, optionalName } from './fields.ts';
import { annotations } from './fragments.ts';

export const ServiceAccount = z
  .strictObject({
    create: boolean(true, 'Create the ServiceAccount of the relayer'),
    name: optionalName('Name of the ServiceAccount. Empty: the full name, or `default` where none is created'),
    annotations: annotations('Annotations of the ServiceAccount such as the role of a cloud provider'),
    automount: boolean(
      false,
      'Mount its token into every container of the pod. With `registration.mode` startup the relayer alone gets it without this',
    ),
  })
  .prefault({})
  .describe('ServiceAccount of the relayer');

/** The registration Job has an account of its own: it may write the cluster's Secret, the relayer may not. */
export const RegistrationServiceAccount = z
  .strictObject({
    create: boolean(true, 'Create the ServiceAccount of the Job'),
    name: optionalName(
      'Name of the ServiceAccount. Empty: the full name with `-register`, or `default` where none is created',
    ),
    annotations: annotations('Annotations of the ServiceAccount'),
  })
  .prefault({})
  .describe('ServiceAccount of the registration Job');

export const Rbac = z
  .strictObject({
    create: boolean(true, "Create the Role that lets the registration write the cluster's Secret, and nothing else"),
  })
  .prefault({})
  .describe('Role-based access control');
