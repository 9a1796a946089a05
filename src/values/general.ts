import { z } from 'zod';
import { boolean, optional } from './fields.ts';
import { formats, formed } from './formats.ts';
import { annotations, labels, pullSecrets } from './fragments.ts';

/** Helm shares `global` among all charts of a release, so that it may hold keys of other charts. */
const Global = z
  .looseObject({
    imageRegistry: optional(formats.imageRegistry, 'Registry of all images. Empty: that of each image'),
    imagePullSecrets: pullSecrets('Secrets for pulling images, beside `relayer.imagePullSecrets`'),
  })
  .prefault({})
  .describe('Values that are shared with parent charts');

const Metadata = z
  .looseObject({
    name: formed(formats.objectName).describe('Name of the object'),
    namespace: formed(formats.dnsLabel).optional().describe('Namespace of the object. Absent: that of the release'),
    labels: z.record(z.string(), z.string().describe('Value of the label')).optional().describe('Labels of the object'),
    annotations: z
      .object({ 'helm.sh/hook': formed(formats.helmHooks).optional().describe("Helm's hooks that the object is for") })
      .catchall(z.string().describe('Value of the annotation'))
      .optional()
      .describe('Annotations of the object'),
  })
  .describe('Metadata of the object');

const ExtraObjects = z
  .array(
    z
      .looseObject({
        apiVersion: formed(formats.apiVersion).describe('API version of the object'),
        kind: formed(formats.kind).describe('Kind of the object'),
        metadata: Metadata,
      })
      .describe('A whole Kubernetes object'),
  )
  .default([])
  .describe('More Kubernetes objects; they are not templates');

const Tests = z
  .strictObject({
    enabled: boolean(true, 'Create the pod of `helm test`, which sends telemetry through the Service'),
  })
  .prefault({})
  .describe('Test of the release');

/** Keys that stand at the top without a section. */
export const general = {
  tests: Tests,
  nameOverride: optional(formats.dnsLabel, 'Name in place of consonant-relayer'),
  fullnameOverride: optional(formats.dnsLabel, 'Name of the objects in place of RELEASE-consonant-relayer'),
  commonLabels: labels('Labels of all objects; they cannot change the labels that select pods'),
  commonAnnotations: annotations('Annotations of all objects'),
  extraObjects: ExtraObjects,
  global: Global,
  enabled: boolean(true, 'For the `condition` of a parent chart; it has no effect in this chart'),
} as const;
