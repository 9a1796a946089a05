import { z } from 'zod';
import { optional } from './fields.ts';
import { formats, formed } from './formats.ts';

export const Cluster = z
  .strictObject({
    name: formed(formats.clusterName).describe(
      'Name of the cluster, unique at the backend: 3 to 63 lower-case letters, digits and `-`',
    ),
    region: optional(formats.labelValue, 'Region of the cluster such as us-east-1'),
    environment: z
      .enum(['', 'production', 'staging', 'development', 'testing'])
      .default('')
      .describe('What the cluster is for. With production, `backend.url` must start with https'),
    metadata: z
      .record(z.string(), z.unknown().describe('Any value'))
      .default({})
      .describe('Facts about the cluster that are sent at registration such as provider, accountId, purpose and tags'),
  })
  .describe('The cluster that the relayer runs in');
