import { z } from 'zod';
import { boolean, integer, optional, optionalName } from './fields.ts';
import { annotations } from './fragments.ts';
import { formats } from './formats.ts';

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;
const tebibyte = 2 ** 40;

const Persistence = z
  .strictObject({
    enabled: boolean(
      false,
      'Keep the queue on a PersistentVolumeClaim for each pod, so that it survives the pod; a StatefulSet is used then',
    ),
    storageClass: optionalName("Storage class. Empty: the cluster's default"),
    size: optional(formats.quantity, 'Size of each volume such as 2Gi. Empty: `relayer.queue.maxBytes` and 25 %'),
    accessModes: z
      .array(
        z
          .enum(['ReadWriteOnce', 'ReadWriteOncePod', 'ReadWriteMany'])
          .describe('How nodes may mount the volume; no two pods share one'),
      )
      .min(1)
      .max(3)
      .default(['ReadWriteOnce'])
      .describe('Access modes of the volumes'),
    annotations: annotations('Annotations of the claims'),
  })
  .prefault({})
  .describe('Queue on a volume that outlives the pod');

export const Queue = z
  .strictObject({
    maxBytes: integer(
      { min: mebibyte, max: tebibyte },
      gibibyte,
      'Size of the queue, in bytes. When it is full, senders are told to try again',
    ),
    fsync: boolean(
      false,
      'Wait for the disk before data is acknowledged: it then survives a crash of the node, at some cost',
    ),
    emptyDir: z
      .strictObject({
        sizeLimit: optional(
          formats.quantity,
          'Size limit, above `relayer.queue.maxBytes`, such as 2Gi. Empty: `relayer.queue.maxBytes` and 25 %',
        ),
      })
      .prefault({})
      .describe('Queue on a volume that lives as long as the pod, the default'),
    persistence: Persistence,
  })
  .prefault({})
  .describe('Durable queue between the agents and the backend');
