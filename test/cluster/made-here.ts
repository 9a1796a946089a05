import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { Kube, KubeObject } from './kube.ts';
import { until } from './wait.ts';

const [key, value] = ['consonant.test/made-by', 'cluster-tests'];
/** Carried by every namespace and definition that the tests make: nothing without it is removed. */
const madeHere = { [key]: value };
/** What Kubernetes puts into each namespace. */
const content = [
  ['serviceaccount', 'default'],
  ['configmap', 'kube-root-ca.crt'],
] as const;
const definitions = fileURLToPath(new URL('../../imports/crds', import.meta.url));

/** With what Kubernetes puts into each: pods need it. @throws Error when there is one of this name */
export async function createNamespace(kube: Kube, name: string, labels: object = {}): Promise<void> {
  const metadata = { name, labels: { ...madeHere, ...labels } };
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata });
  await kube.kubectl(['create', '-f', '-'], { input });
  for (const [kind, object] of content) {
    // `kubectl wait --for=create` now and then ends at once with NotFound.
    const isThere = async (): Promise<boolean> => (await kube.get(kind, object, name)) !== undefined;
    await until(`${kind} ${object} is in ${name}`, isThere, { timeoutMs: 30_000 });
  }
}

/** Which of these are there without having been made here. */
export async function foreignNamespaces(kube: Kube, names: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(names.map((name) => kube.get('namespace', name)));
  return found.flatMap((one) => (one === undefined || one.metadata.labels?.[key] === value ? [] : one.metadata.name));
}

/** All that `createNamespace` made, and waits until they are gone. */
export async function removeNamespaces(kube: Kube): Promise<void> {
  const names = await namesMadeHere(kube, 'namespace');
  if (names.length === 0) return;
  await kube.kubectl(['delete', 'namespace', ...names, '--ignore-not-found', '--wait=false']);
  // Without the grace that pods ask for: cloudflared alone would take half a minute.
  for (const name of names)
    await kube.kubectl(['delete', 'pods', '--all', '-n', name, '--grace-period=1', '--wait=false']);
  await kube.kubectl(['delete', 'namespace', ...names, '--ignore-not-found', '--timeout=150s'], { timeoutMs: 160_000 });
}

/** Those definitions of custom resources that the cluster lacks: what somebody else has put there stays as it is. */
export async function createDefinitions(kube: Kube): Promise<void> {
  const objects = readdirSync(definitions)
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => parseAllDocuments(readFileSync(join(definitions, file), 'utf8')))
    .map((document) => document.toJS() as KubeObject);
  for (const object of objects) {
    const { name } = object.metadata;
    if ((await kube.get('customresourcedefinition', name)) !== undefined) continue;
    await kube.apply({ ...object, metadata: { ...object.metadata, labels: madeHere } });
    await kube.kubectl(['wait', '--for=condition=Established', `customresourcedefinition/${name}`, '--timeout=30s']);
  }
}

/** All that `createDefinitions` made. */
export async function removeDefinitions(kube: Kube): Promise<void> {
  const names = await namesMadeHere(kube, 'customresourcedefinition');
  if (names.length > 0) await kube.kubectl(['delete', 'customresourcedefinition', ...names, '--ignore-not-found']);
}

async function namesMadeHere(kube: Kube, kind: string): Promise<readonly string[]> {
  const names = await kube.kubectl(['get', kind, '-l', `${key}=${value}`, '-o', 'name']);
  return names
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice(line.indexOf('/') + 1));
}
