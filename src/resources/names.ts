import {
  chart,
  choose,
  concat,
  contains,
  isNotEmpty,
  mergeMaps,
  named,
  namedPart,
  orDefault,
  release,
  replace,
  trimSuffix,
  trunc,
} from '../expression/build.ts';
import type { Expression } from '../expression/node.ts';
import type { ObjectMeta } from '../kubernetes/types.ts';
import type { Templated, TemplatedObject } from '../expression/templated.ts';
import { values } from '../values/references.ts';

export const chartName = 'consonant-relayer';

/** Labels as a merged map. */
export type Labels = Expression<{ readonly [key: string]: string }>;

/** Label values end at 63 bytes, and not with a hyphen. */
function shorten(text: Expression<string>, maxBytes: number): Expression<string> {
  return trimSuffix(trunc(text, maxBytes), '-');
}

const name: Expression<string> = named(`${chartName}.name`, shorten(orDefault(values.nameOverride, chartName), 63));

/** 52 bytes leave room for the longest suffix and for what controllers add to a pod's name. */
const maxNameBytes = 52;

/** Names are cut before the suffix is added, so that no two objects get the same one. */
export const fullname: Expression<string> = named(
  `${chartName}.fullname`,
  choose(
    isNotEmpty(values.fullnameOverride),
    shorten(values.fullnameOverride, maxNameBytes),
    choose(
      contains(release.name, name),
      shorten(release.name, maxNameBytes),
      shorten(concat(release.name, '-', name), maxNameBytes),
    ),
  ),
);

/** Suffixes of the names that `spec/values.md` and the README promise. */
export type NameSuffix =
  '' | '-register' | '-cluster' | '-llm' | '-tunnel' | '-config' | '-headless' | '-test' | '-dashboard';

export function nameOf(suffix: NameSuffix): Expression<string> {
  return suffix === '' ? fullname : concat(fullname, suffix);
}

/** What the chart's pods are told apart by. */
export type Component = 'relayer' | 'registration' | 'test' | 'headless';

function selectorLabelsOf(component: Component): Labels {
  const helper = component === 'relayer' ? 'selectorLabels' : `${component}SelectorLabels`;
  return namedPart(`${chartName}.${helper}`, {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/instance': release.name,
    'app.kubernetes.io/component': component,
  });
}

const selectors: Readonly<Record<Component, Labels>> = {
  relayer: selectorLabelsOf('relayer'),
  registration: selectorLabelsOf('registration'),
  test: selectorLabelsOf('test'),
  headless: selectorLabelsOf('headless'),
};

/** The labels that select the pods of a component; never changed by a user. */
export function selectorLabels(component: Component = 'relayer'): Labels {
  return selectors[component];
}

const ownLabels: Labels = namedPart(`${chartName}.ownLabels`, {
  'helm.sh/chart': shorten(replace(concat(`${chartName}-`, chart.version), '+', '_'), 63),
  'app.kubernetes.io/version': chart.appVersion,
  'app.kubernetes.io/managed-by': release.service,
});

function labelsOf(component: Component): Labels {
  const helper = component === 'relayer' ? 'labels' : `${component}Labels`;
  return namedPart(`${chartName}.${helper}`, mergeMaps<string>(ownLabels, values.commonLabels, selectors[component]));
}

const allLabels: Readonly<Record<Component, Labels>> = {
  relayer: labelsOf('relayer'),
  registration: labelsOf('registration'),
  test: labelsOf('test'),
  headless: labelsOf('headless'),
};

/** The labels of every object: ours, the user's common ones over them, the selector's over all. */
export function labels(component: Component = 'relayer'): Labels {
  return allLabels[component];
}

export interface MetadataOptions {
  readonly suffix?: NameSuffix;
  /** A name in place of the full name and suffix. */
  readonly name?: Expression<string>;
  /** Default: the release's. */
  readonly namespace?: Expression<string>;
  readonly component?: Component;
  /** The user's labels for this kind of object; selector labels stay. */
  readonly labels?: Labels;
  /** The user's annotations for this kind of object. */
  readonly annotations?: Labels;
  /** Annotations without which the object would not work: they win over the user's. */
  readonly fixedAnnotations?: Readonly<Record<string, string>>;
}

/** The metadata of an object: name, namespace, labels and annotations. */
export function metadata(options: MetadataOptions = {}): TemplatedObject<ObjectMeta> {
  const { component = 'relayer', suffix = '' } = options;
  const own = labels(component);
  return {
    name: options.name ?? nameOf(suffix),
    namespace: options.namespace ?? release.namespace,
    labels: options.labels === undefined ? own : mergeMaps<string>(own, options.labels, selectors[component]),
    annotations: annotationsOf(options),
  };
}

function annotationsOf(options: MetadataOptions): Templated<{ readonly [key: string]: string }> {
  const parts = [values.commonAnnotations, options.annotations, options.fixedAnnotations].filter(
    (p) => p !== undefined,
  );
  return parts.length === 1 ? values.commonAnnotations : mergeMaps<string>(...parts);
}
