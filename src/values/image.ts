import { z } from 'zod';
import { formatted, optional } from './fields.ts';
import { formats } from './formats.ts';

/** The parts of an image's name that differ from image to image. */
export interface ImageDefaults {
  readonly registry: string;
  readonly repository: string;
  /** A schema, because one image has a pinned tag and the other that of the chart's appVersion. */
  readonly tag: z.ZodDefault<z.ZodString>;
}

/** An image: REGISTRY/REPOSITORY:TAG or, with a digest, REGISTRY/REPOSITORY@DIGEST. */
export const image = ({ registry, repository, tag }: ImageDefaults, description: string) =>
  z
    .strictObject({
      registry: optional(
        formats.imageRegistry,
        'Registry; `global.imageRegistry` goes before it. Empty: the default of the container runtime',
        registry,
      ),
      repository: formatted(formats.imageRepository, repository, 'Name of the image without registry and tag'),
      tag,
      digest: optional(
        formats.imageDigest,
        'Digest (sha256:…) that is used in place of the tag. Empty: the tag is used',
      ),
      pullPolicy: z
        .enum(['Always', 'IfNotPresent', 'Never'])
        .default('IfNotPresent')
        .describe('When the node pulls the image'),
    })
    .prefault({})
    .describe(description);
