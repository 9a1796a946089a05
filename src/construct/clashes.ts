import { ApiObject, Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';

/** The construct that made an object from a chart, and the cluster that it is for. */
interface Origin {
  readonly construct: Construct;
  readonly clusterName: string | undefined;
}

const origins = new WeakMap<IConstruct, Origin>();

/**
 * Objects of the same kind, namespace and name would overwrite each other in the cluster. At synth there is a message
 * for each other construct of the app that makes objects which this one makes too. Objects in two cdk8s Charts clash
 * only where both are known to be for the same cluster.
 */
export function reportClashes(construct: Construct, objects: readonly ApiObject[], clusterName?: string): void {
  for (const object of objects) origins.set(object, { construct, clusterName });
  construct.node.addValidation({ validate: () => clashesOf(construct, objects, clusterName) });
}

function clashesOf(construct: Construct, objects: readonly ApiObject[], clusterName: string | undefined): string[] {
  const identities = new Set(objects.map(identityOf));
  const clashes = new Map<string, string[]>();
  for (const other of construct.node.root.node.findAll()) {
    if (!ApiObject.isApiObject(other) || !identities.has(identityOf(other))) continue;
    const origin = origins.get(other);
    if (origin?.construct === construct) continue;
    const isInSameChart = Chart.of(construct) === Chart.of(other);
    const isForSameCluster = clusterName !== undefined && origin?.clusterName === clusterName;
    if (!isInSameChart && !isForSameCluster) continue;
    const { path } = (origin?.construct ?? other).node;
    clashes.set(path, [...(clashes.get(path) ?? []), describe(other)]);
  }
  return [...clashes].map(([path, names]) => message(path, names));
}

function identityOf(object: ApiObject): string {
  return [object.apiGroup, object.kind, object.metadata.namespace ?? '', object.name].join('\n');
}

function describe(object: ApiObject): string {
  return [object.kind, object.metadata.namespace, object.name].filter((part) => part !== undefined).join('/');
}

const shownNames = 3;

function message(path: string, names: readonly string[]): string {
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : '';
  const shown = names.slice(0, shownNames).join(', ');
  return `${path} makes objects of the same names (${shown}${more}): give one of the two another release.name or release.namespace`;
}
