import type { Problem } from '../../src/errors.ts';
import { evaluateText } from '../../src/expression/evaluate.ts';
import { node } from '../../src/expression/node.ts';
import { type ReleaseOptions, renderObjects, scopeOf } from '../../src/manifest/definition.ts';
import { definition } from '../../src/resources/definition.ts';
import { parseValues } from '../../src/schema/parse.ts';

/** A Kubernetes object as a test reads it: any path may be asked for. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type KubeObject = any;

/** Values as a user writes them; a wrong one is for the test to try. */
export interface UserValues {
  readonly [key: string]: unknown;
}

export const release: ReleaseOptions = {
  name: 'demo',
  namespace: 'relay',
  service: 'Helm',
  kubeVersion: 'v1.30.1',
};
/** The full name of that release. */
export const fullname = 'demo-consonant-relayer';

/** What a user must give. */
export const minimal: UserValues = {
  cluster: { name: 'east' },
  backend: { url: 'https://consonant.example.com' },
  cloudflare: { tunnelToken: 'eyJ-token' },
  llm: { apiKey: 'sk-key' },
};

function isMap(value: unknown): value is UserValues {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Values laid over each other, maps key by key. */
export function overlay(...layers: readonly UserValues[]): UserValues {
  const result: Record<string, unknown> = {};
  for (const [key, value] of layers.flatMap((layer) => Object.entries(layer))) {
    const below = result[key];
    result[key] = isMap(below) && isMap(value) ? overlay(below, value) : value;
  }
  return result;
}

/** `at('a.b', 1)` is `{ a: { b: 1 } }`. */
export function at(path: string, value: unknown): UserValues {
  return path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as UserValues;
}

/** The objects for these values over `minimal`. Fails with the problems when they are refused. */
export function render(values: UserValues = {}, options: Partial<ReleaseOptions> = {}): readonly KubeObject[] {
  return renderExactly(overlay(minimal, values), options);
}

const rendered = new Map<string, readonly KubeObject[]>();

/** The objects for these values as they are. The same ones are rendered once: do not change them. */
export function renderExactly(values: UserValues, options: Partial<ReleaseOptions> = {}): readonly KubeObject[] {
  const key = JSON.stringify([values, options]);
  const known = rendered.get(key);
  if (known !== undefined) return known;
  const { objects, problems: found } = renderObjects(definition, values, { ...release, ...options });
  if (objects === undefined) throw new Error(found.map(sentence).join('\n'));
  rendered.set(key, objects);
  return objects;
}

/** What is wrong with these values over `minimal`; empty when they are accepted. */
export function problems(values: UserValues, options: Partial<ReleaseOptions> = {}): readonly string[] {
  return problemsExactly(overlay(minimal, values), options);
}

function problemsExactly(values: UserValues, options: Partial<ReleaseOptions> = {}): readonly string[] {
  return (renderObjects(definition, values, { ...release, ...options }).problems ?? []).map(sentence);
}

function sentence({ path, message }: Problem): string {
  return path === '' ? message : `${path} ${message}`;
}

/** NOTES.txt for these values over `minimal`. */
export function notes(values: UserValues = {}, options: Partial<ReleaseOptions> = {}): string {
  return notesExactly(overlay(minimal, values), options);
}

export function notesExactly(values: UserValues, options: Partial<ReleaseOptions> = {}): string {
  const parsed = parseValues(definition.schema, values);
  if (parsed.values === undefined) throw new Error(parsed.problems.map(sentence).join('\n'));
  const scope = scopeOf(definition, parsed.values, { ...release, ...options });
  return evaluateText(definition.notes[node] as Parameters<typeof evaluateText>[0], scope);
}

/** All objects of a kind, whose name ends in the suffix if one is given. */
export function all(objects: readonly KubeObject[], kind: string, suffix = ''): readonly KubeObject[] {
  return objects.filter((object) => object.kind === kind && object.metadata.name.endsWith(suffix));
}

/** The one object of that kind and name: `fullname` and the suffix. */
export function one(objects: readonly KubeObject[], kind: string, suffix = ''): KubeObject {
  const found = objects.filter((object) => object.kind === kind && object.metadata.name === `${fullname}${suffix}`);
  if (found.length !== 1) throw new Error(`${found.length} objects are a ${kind} of the name ${fullname}${suffix}`);
  return found[0];
}

/** A list of named things, by name. */
export function byName(list: readonly KubeObject[] = []): Readonly<Record<string, KubeObject>> {
  return Object.fromEntries(list.map((item) => [item.name, item]));
}

/** The pod of the Deployment or StatefulSet. */
export function podOf(objects: readonly KubeObject[]): KubeObject {
  const workload = objects.find((object) => object.kind === 'Deployment' || object.kind === 'StatefulSet');
  return workload.spec.template;
}

/** A container of that pod. */
export function container(objects: readonly KubeObject[], name: string): KubeObject {
  return podOf(objects).spec.containers.find((one: KubeObject) => one.name === name);
}

export interface PodTemplate {
  /** `KIND/NAME` of the object that it is in. */
  readonly of: string;
  readonly metadata: KubeObject;
  readonly spec: KubeObject;
}

/** Every pod that the objects make: the workload's, the Job's and the test's. */
export function podTemplates(objects: readonly KubeObject[]): readonly PodTemplate[] {
  return objects.flatMap((object) => {
    const template = object.kind === 'Pod' ? object : object.spec?.template;
    if (template?.spec?.containers === undefined) return [];
    return [{ of: `${object.kind}/${object.metadata.name}`, metadata: template.metadata, spec: template.spec }];
  });
}
