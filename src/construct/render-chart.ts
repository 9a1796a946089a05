import type { IConstruct } from 'constructs';
import { ChartError } from '../errors.ts';
import { evaluateValue } from '../expression/evaluate.ts';
import type { JsonMap } from '../expression/json.ts';
import { type Expression, node } from '../expression/node.ts';
import { type ChartDefinition, type ReleaseOptions, renderObjects } from '../manifest/definition.ts';
import { readRelease } from './read-release.ts';
import type { ReleaseProps } from './release.ts';

/** What a user gives to a construct that stands for a chart. */
export interface ChartProps {
  /** The values, as for the Helm chart. */
  readonly values: unknown;
  readonly release: ReleaseProps;
}

/** A chart for concrete values. */
export interface RenderedChart {
  /** The objects that `helm template` renders for the same values, in the order of the chart's templates. */
  readonly objects: readonly JsonMap[];
  readonly release: ReleaseOptions;
  /** The value of an expression for these values and this release. */
  readonly evaluate: <T>(expression: Expression<T>) => T;
}

/** Stands for a release that is refused, so that the problems of the values are found all the same. */
const anyRelease: ReleaseOptions = { name: 'release', namespace: 'default', service: 'cdk8s', kubeVersion: '1.28' };

/**
 * Renders a chart for the construct that will be `id` in `scope`. Call it before `super`: then nothing is left in the
 * app where the values are refused.
 *
 * @throws ChartError `invalid-values` with every problem of the release and the values, each with its path.
 */
export function renderChart(
  definition: ChartDefinition,
  props: ChartProps,
  [scope, id]: [IConstruct, string],
): RenderedChart {
  const read = readRelease(props.release);
  const release = read.release ?? anyRelease;
  const rendered = renderObjects(definition, props.values ?? {}, release);
  if (read.problems !== undefined || rendered.problems !== undefined) {
    const path = [scope.node.path, id].filter(Boolean).join('/');
    const problems = [...(read.problems ?? []), ...(rendered.problems ?? [])];
    throw new ChartError('invalid-values', `${path}: these values can't be used:`, problems);
  }
  const evaluate = <T>(expression: Expression<T>): T => evaluateValue(expression[node], rendered.scope) as T;
  return { objects: rendered.objects, release, evaluate };
}
