import { type Json, isJsonMap } from '../helm/json.ts';
import type { Call } from './terminal.ts';

/** What kubectl calls the kinds of objects. */
const kinds: Readonly<Record<string, string>> = {
  configmap: 'ConfigMap',
  deployment: 'Deployment',
  endpointslices: 'EndpointSlice',
  job: 'Job',
  namespace: 'Namespace',
  networkpolicy: 'NetworkPolicy',
  pdb: 'PodDisruptionBudget',
  pod: 'Pod',
  pods: 'Pod',
  prometheusrules: 'PrometheusRule',
  pvc: 'PersistentVolumeClaim',
  role: 'Role',
  rolebinding: 'RoleBinding',
  secret: 'Secret',
  serviceaccount: 'ServiceAccount',
  servicemonitors: 'ServiceMonitor',
  statefulset: 'StatefulSet',
  svc: 'Service',
};

/** An object that is there once the README's values are installed. */
export interface Known {
  readonly kind: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly containers: readonly string[];
  readonly ports: readonly number[];
}

type Map = { readonly [key: string]: Json };
const mapAt = (of: Json | undefined, ...path: readonly string[]): Map => {
  const at = path.reduce<Json | undefined>((value, key) => (isJsonMap(value) ? value[key] : undefined), of);
  return isJsonMap(at) ? at : {};
};
const listAt = (of: Map, key: string): readonly Json[] => (Array.isArray(of[key]) ? of[key] : []);

/** The rendered objects, and those that controllers and the registration make of them. */
export function knownObjects(objects: readonly Json[]): readonly Known[] {
  return objects.flatMap((object) => {
    const self = known(object, mapAt(object, 'metadata'));
    const template = mapAt(object, 'spec', 'template');
    const pod = 'spec' in template ? [{ ...known(template, mapAt(template, 'metadata')), kind: 'Pod', name: '' }] : [];
    const controller = { ...self, containers: pod[0]?.containers ?? self.containers };
    const claims = listAt(mapAt(object, 'spec'), 'volumeClaimTemplates').map((claim) => ({
      ...known(claim, mapAt(claim, 'metadata')),
      kind: 'PersistentVolumeClaim',
    }));
    const slices =
      self.kind === 'Service'
        ? [{ ...self, kind: 'EndpointSlice', labels: { 'kubernetes.io/service-name': self.name } }]
        : [];
    const credentials = mapAt(object, 'data')['CREDENTIALS_SECRET_NAME'];
    const secret =
      credentials === undefined ? [] : [{ ...self, kind: 'Secret', name: String(credentials), labels: {} }];
    return [controller, ...pod, ...claims, ...slices, ...secret];
  });
}

function known(object: Json, metadata: Map): Known {
  const spec = mapAt(object, 'spec');
  return {
    kind: String(mapAt(object)['kind']),
    name: String(metadata['name'] ?? ''),
    labels: mapAt(metadata, 'labels') as Record<string, string>,
    containers: listAt(spec, 'containers').map((container) => String(mapAt(container)['name'])),
    ports: listAt(spec, 'ports').map((port) => Number(mapAt(port)['port'])),
  };
}

/** The keys of each Secret that pods mount: `consonant-tunnel` → `tunnelToken`. */
export function mountedKeys(objects: readonly Json[]): ReadonlyMap<string, ReadonlySet<string>> {
  const keys = new Map<string, Set<string>>();
  for (const object of objects) {
    for (const volume of listAt(mapAt(object, 'spec', 'template', 'spec'), 'volumes')) {
      const secret = mapAt(volume, 'secret');
      const name = String(secret['secretName']);
      for (const item of listAt(secret, 'items')) {
        keys.set(name, (keys.get(name) ?? new Set()).add(String(mapAt(item)['key'])));
      }
    }
  }
  return keys;
}

interface Kubectl {
  readonly verb: string;
  readonly words: readonly string[];
  readonly options: ReadonlyMap<string, string>;
}

const withValue: Readonly<Record<string, string>> = {
  '-n': 'namespace',
  '-l': 'selector',
  '-c': 'container',
  '-o': 'output',
};

/** Takes kubectl's arguments apart, up to `--`. */
export function parseKubectl([, ...args]: Call): Kubectl {
  const options = new Map<string, string>();
  const words: string[] = [];
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  for (let i = 0; i < own.length; i++) {
    const word = own[i] ?? '';
    const option = withValue[word];
    if (option !== undefined) options.set(option, own[++i] ?? '');
    else if (word === '-f' && words[0] === 'apply') options.set('filename', own[++i] ?? '');
    else if (word.startsWith('--')) options.set(word.slice(2).split('=')[0] ?? '', word.split('=').slice(1).join('='));
    else if (!word.startsWith('-')) words.push(word);
  }
  return { verb: words[0] ?? '', words: words.slice(1), options };
}

/** What a kubectl command names that is not there; empty when all of it is. */
export function unknownNames(call: Call, objects: readonly Known[]): readonly string[] {
  const { verb, words, options } = parseKubectl(call);
  const where = call.join(' ');
  const problems: string[] = [];
  const isOfCluster = options.has('all-namespaces') || (verb === 'create' && words[0] === 'namespace');
  // What Helm prints names its namespaces itself.
  const needsNamespace = !isOfCluster && !(verb === 'apply' && options.get('filename') === '-');
  if (needsNamespace && !options.has('namespace')) problems.push(`no namespace: ${where}`);
  if (['create', 'apply', 'run'].includes(verb)) return problems;
  const named = verb === 'rollout' ? words.slice(1) : words;
  const isForeign = options.get('namespace') === 'kagent' || options.has('all-namespaces');
  const targets = verb === 'logs' && named.length === 0 ? ['pods'] : named;
  const found = isForeign ? objects : targetsOf(targets, objects);
  if (found.length === 0) return [...problems, `no such object: ${where}`];
  const selected = isForeign ? found : found.filter((object) => isSelected(object, options.get('selector')));
  if (selected.length === 0) problems.push(`nothing has these labels: ${where}`);
  const container = options.get('container');
  if (container !== undefined && !selected.some((object) => object.containers.includes(container))) {
    problems.push(`no such container: ${where}`);
  }
  const ports = named.map((word) => /^\d+:(\d+)$/.exec(word)?.[1]).filter((port) => port !== undefined);
  if (!ports.every((port) => selected.some((object) => object.ports.includes(Number(port))))) {
    problems.push(`no such port: ${where}`);
  }
  return problems;
}

/** `svc/name`, `secret name`, `pods`, `job,role,pod`. */
function targetsOf(words: readonly string[], objects: readonly Known[]): readonly Known[] {
  const [first = '', name] = words.filter((word) => !/^\d+:\d+$/.test(word));
  const [kindWord = '', slashed] = first.split('/');
  const wanted = kindWord.split(',').map((word) => kinds[word] ?? `no kind ${word}`);
  const wantedName = slashed ?? name;
  const unknown = wanted.filter((kind) => !objects.some((object) => object.kind === kind));
  if (unknown.length > 0) return [];
  return objects.filter(
    (object) => wanted.includes(object.kind) && (wantedName === undefined || object.name === wantedName),
  );
}

function isSelected({ labels }: Known, selector: string | undefined): boolean {
  if (selector === undefined) return true;
  return selector.split(',').every((one) => labels[one.split('=')[0] ?? ''] === one.split('=')[1]);
}
