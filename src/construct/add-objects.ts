import { ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { JsonMap } from '../expression/json.ts';
import { reportClashes } from './clashes.ts';
import type { RenderedChart } from './render-chart.ts';

export interface AddObjectsOptions {
  /**
   * The cluster that the objects are for. An app may hold the same objects for several clusters, in a cdk8s Chart for
   * each of them.
   * @default - not known: only objects in the same cdk8s Chart can clash
   */
  readonly clusterName?: string;
}

/**
 * Adds each object of a chart to a construct, as one `ApiObject`. Objects that something else in the app makes too are
 * reported at synth.
 *
 * Labels of the cdk8s Chart are added; the object's own win. An object without a namespace, which only the user's own
 * can be, gets the release's where the cdk8s Chart has a namespace, else none. Annotations `helm.sh/*` are kept: only
 * Helm and Argo CD, which maps hooks to its own, look at them.
 */
export function addObjects(
  scope: Construct,
  chart: Pick<RenderedChart, 'objects' | 'release'>,
  options: AddObjectsOptions = {},
): readonly ApiObject[] {
  const fallback = Chart.of(scope).namespace === undefined ? undefined : chart.release.namespace;
  const objects = chart.objects.map((object) => addObject(scope, object, fallback));
  reportClashes(scope, objects, options.clusterName);
  return objects;
}

/** The id is kind, namespace and name, so that ids do not change with the values. */
function addObject(scope: Construct, object: JsonMap, fallback: string | undefined): ApiObject {
  const metadata = object['metadata'] as { readonly name: string; readonly namespace?: string };
  const namespace = metadata.namespace ?? fallback;
  const id = [object['kind'], metadata.namespace, metadata.name].filter(Boolean).join('-');
  return new ApiObject(scope, freeId(scope, id), {
    ...(object as { apiVersion: string; kind: string }),
    metadata: { ...metadata, ...(namespace === undefined ? {} : { namespace }) },
  });
}

/** Objects of two API groups may have the same kind and name. */
function freeId(scope: Construct, id: string): string {
  let free = id;
  for (let n = 2; scope.node.tryFindChild(free) !== undefined; n += 1) free = `${id}-${n}`;
  return free;
}
