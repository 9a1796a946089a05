/**
 * Parts of Kubernetes objects that users write as Kubernetes has them. The API server checks them and TypeScript knows
 * their type; the schema takes any map. Where we merge a list by name, the name is checked here.
 */
import type { k8s } from 'cdk8s-plus-28';
import { z } from 'zod';
import type { Plain } from '../kubernetes/plain.ts';
import { formats, formed } from './formats.ts';

/** T as a user may write it: a null takes a default of ours away. */
export type Unsettable<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]: Unsettable<T[K]> | null }
    : T;

const openMap = z.record(z.string(), z.unknown().describe('As in Kubernetes'));
const mapOf = <T>() => openMap as unknown as z.ZodType<T, Unsettable<T>>;

/** A map that reads as T, which is given as plain data. */
const openMapOf = <T extends object>(fallback: T, description: string) =>
  mapOf<T>()
    .default(fallback as z.core.util.NoUndefined<T>)
    .describe(description);

/** A list of maps that read as T. */
export const openMapsOf = <T extends object>(fallback: readonly T[], description: string) =>
  z
    .array(mapOf<T>().describe('As in Kubernetes'))
    .default([...fallback] as T[])
    .describe(description);

/** A part of an object, empty by default. T is a Kubernetes type of cdk8s. */
export const fragment = <T>(description: string) => openMapOf<Fragment<T>>({} as Fragment<T>, description);

/** A list of parts, empty by default. T is a Kubernetes type of cdk8s. */
export const fragments = <T>(description: string) => openMapsOf<Fragment<T>>([], description);

type Fragment<T> = Plain<T> & object;

/** A list whose items have at least what `item` asks for, and read as T. */
const listOf = <T>(item: z.ZodType, description: string) =>
  z
    .array(item as z.ZodType<Plain<T>, Plain<T>>)
    .default([])
    .describe(description);

const nameInPod = formed(formats.dnsLabel);

export const containers = (description: string) =>
  listOf<k8s.Container>(
    z.looseObject({ name: nameInPod.describe('Name of the container') }).describe('A container as in Kubernetes'),
    description,
  );

export const volumes = (description: string) =>
  listOf<k8s.Volume>(
    z.looseObject({ name: nameInPod.describe('Name of the volume') }).describe('A volume as in Kubernetes'),
    description,
  );

export const volumeMounts = (description: string) =>
  listOf<k8s.VolumeMount>(
    z
      .looseObject({
        name: nameInPod.describe('Name of the volume'),
        mountPath: formed(formats.absolutePath).describe('Path in the container'),
      })
      .describe('A volume mount as in Kubernetes'),
    description,
  );

/** Environment variables of a container. */
export const environment = (description: string) =>
  listOf<k8s.EnvVar>(
    z
      .strictObject({
        name: formed(formats.environmentVariable).describe('Name of the variable'),
        value: z.string().optional().describe('Value of the variable'),
        valueFrom: openMap.optional().describe('Source of the value as in Kubernetes, in place of a value'),
      })
      .describe('A variable with a value or a source'),
    description,
  );

export const pullSecrets = (description: string) =>
  listOf<k8s.LocalObjectReference & { readonly name: string }>(
    z
      .strictObject({ name: formed(formats.dnsSubdomain).max(253).describe('Name of the Secret') })
      .describe('A Secret of type kubernetes.io/dockerconfigjson'),
    description,
  );

const labelMap = z.record(
  formed(formats.labelKey).describe('Key of a label'),
  formed(formats.labelValue).describe('Value of the label'),
);

/** Labels of an object, or the labels that a node must have. */
export const labels = (description: string, fallback: Record<string, string> = {}) =>
  labelMap.default(fallback).describe(description);

/** A list of label sets, each of which selects pods. */
export const labelSets = (description: string, fallback: Record<string, string>[] = []) =>
  z.array(labelMap.describe('Labels of which a pod has all')).default(fallback).describe(description);

export const annotations = (description: string) =>
  z
    .record(
      formed(formats.annotationKey).describe('Key of an annotation'),
      z.string().describe('Value of the annotation'),
    )
    .default({})
    .describe(description);

/** What a container asks the scheduler for and may use at most. */
export const resources = (fallback: Plain<k8s.ResourceRequirements>, description: string) =>
  openMapOf<Plain<k8s.ResourceRequirements>>(fallback, description);

/** The security settings of a pod. */
export const podSecurityContext = (fallback: Plain<k8s.PodSecurityContext>, description: string) =>
  openMapOf<Plain<k8s.PodSecurityContext>>(fallback, description);

/** The security settings of a container that the restricted Pod Security Standard asks for, and more. */
export const containerSecurityContext = (more: Plain<k8s.SecurityContext>, description: string) =>
  openMapOf<Plain<k8s.SecurityContext>>(
    {
      ...more,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    description,
  );
