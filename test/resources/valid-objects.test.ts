import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { Job } from 'kubernetes-models/batch/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Role, RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1';
import { ConfigMap, Pod, Secret, Service, ServiceAccount } from 'kubernetes-models/v1';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { configurations, objectsOf } from './configurations.ts';
import type { KubeObject } from './render.ts';

type Model = new (data: never) => { validate(): void };
const models: Readonly<Record<string, Model>> = {
  ConfigMap,
  Deployment,
  HorizontalPodAutoscaler,
  Job,
  NetworkPolicy,
  Pod,
  PodDisruptionBudget,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
};

const folder = join(import.meta.dirname, '../../imports/crds');
const customKinds = new Map(
  readdirSync(folder)
    .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((one) => one.toJS()))
    .map(({ spec }) => [spec.names.kind as string, strict(spec.versions[0].schema.openAPIV3Schema)]),
);

/** The shape of a definition with unknown keys refused; conditions between fields are left to the API server. */
function strict(schema: KubeObject): z.ZodType {
  const close = (part: KubeObject): KubeObject => {
    if (Array.isArray(part)) return part.map(close);
    if (typeof part !== 'object' || part === null) return part;
    const kept = Object.entries(part).filter(([key]) => !key.startsWith('x-') && key !== 'oneOf');
    const copy = Object.fromEntries(kept.map(([key, value]) => [key, close(value)]));
    return 'properties' in copy ? { ...copy, additionalProperties: false } : copy;
  };
  return z.fromJSONSchema(close(schema));
}

function problemOf(object: KubeObject): string | undefined {
  const custom = customKinds.get(object.kind);
  if (custom !== undefined) return custom.safeParse(object).error?.message;
  const Known = models[object.kind];
  if (Known === undefined) return `nothing checks the kind ${object.kind}`;
  try {
    new Known(object as never).validate();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** The places of null, of empty text where a name belongs, and of maps and lists with nothing in them. */
function hollow(value: KubeObject, path = ''): readonly string[] {
  if (value === null) return [path];
  if (typeof value !== 'object') return [];
  const entries = Object.entries(value);
  const allowed = /(emptyDir|matchLabels|namespaceSelector|podSelector)$/.test(path);
  if (entries.length === 0) return allowed ? [] : [path];
  return entries.flatMap(([key, part]) => hollow(part, `${path}.${key}`));
}

describe('every object', () => {
  it.each(configurations)('of %s has the shape that Kubernetes or its operator wants', (_, configuration) => {
    for (const object of objectsOf(configuration)) {
      expect({ of: `${object.kind}/${object.metadata.name}`, problem: problemOf(object) }).toEqual({
        of: `${object.kind}/${object.metadata.name}`,
        problem: undefined,
      });
    }
  });

  it.each(configurations)('of %s leaves out what is empty', (_, configuration) => {
    for (const object of objectsOf(configuration)) {
      expect({ of: object.kind, hollow: hollow(object) }).toEqual({ of: object.kind, hollow: [] });
    }
  });

  it('would be refused in another shape', () => {
    expect(
      problemOf({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: { replicas: 'x' } }),
    ).toMatch(/replicas must be integer/);
    const model = { apiVersion: 'kagent.dev/v1alpha2', kind: 'ModelConfig', metadata: { name: 'a' } };
    expect(problemOf({ ...model, spec: { model: 'm', provider: 'openai' } })).toMatch(/provider/);
    expect(problemOf({ ...model, spec: { model: 'm', provider: 'OpenAI', apiKey: 'x' } })).toMatch(/apiKey/);
  });
});
