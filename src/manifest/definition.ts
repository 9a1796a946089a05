import type { Problem } from '../errors.ts';
import { type Scope, isTrue } from '../expression/evaluate.ts';
import type { JsonMap } from '../expression/json.ts';
import { type Expression, type Text, node, nodeOf } from '../expression/node.ts';
import { type ValuesSchema, parseValues } from '../schema/parse.ts';
import { evaluateDocument } from './evaluate.ts';

/** A condition across several values, and what to say when it does not hold. */
export interface Rule {
  readonly holds: Expression<boolean>;
  /** Names the keys in backticks and says what to do; never shows a value. */
  readonly message: string;
}

/** One template of the chart: templated data for one Kubernetes object, or for several. */
export interface Resource {
  /** Path under `templates/` without the ending, such as `deployment` or `tests/connection`. */
  readonly file: string;
  readonly manifest: unknown;
}

/** Everything that both back-ends need to know of a chart. */
export interface ChartDefinition {
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
  readonly schema: ValuesSchema;
  readonly rules: readonly Rule[];
  readonly resources: readonly Resource[];
  readonly notes: Text;
}

/** What `helm install` is told on its command line. */
export interface ReleaseOptions {
  readonly name: string;
  readonly namespace: string;
  /** The value of the label `app.kubernetes.io/managed-by`. */
  readonly service: string;
  /** The cluster's version, such as `1.30` or `v1.30.1`. */
  readonly kubeVersion: string;
}

export type Rendered =
  | { readonly objects: readonly JsonMap[]; readonly scope: Scope; readonly problems?: never }
  | { readonly problems: readonly Problem[]; readonly objects?: never };

/**
 * The evaluating back-end: the objects that Helm would render for these values and what its templates would see, or
 * every problem at once.
 */
export function renderObjects(definition: ChartDefinition, values: unknown, release: ReleaseOptions): Rendered {
  const parsed = parseValues(definition.schema, values);
  if (parsed.problems !== undefined) return { problems: parsed.problems };
  const scope = scopeOf(definition, parsed.values, release);
  const broken = definition.rules.filter((rule) => !isTrue(rule.holds[node], scope));
  if (broken.length > 0) return { problems: broken.map((rule) => ({ path: '', message: rule.message })) };
  const objects = definition.resources.flatMap((resource) => evaluateDocument(nodeOf(resource.manifest), scope));
  return { objects, scope };
}

/** What the templates see for these values, which must have been parsed. */
export function scopeOf(definition: ChartDefinition, values: JsonMap, release: ReleaseOptions): Scope {
  return {
    Values: values,
    Release: { Name: release.name, Namespace: release.namespace, Service: release.service },
    Chart: { Version: definition.version, AppVersion: definition.appVersion },
    Capabilities: { KubeVersion: { Version: release.kubeVersion } },
  };
}
