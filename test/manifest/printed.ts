import { type Scope, evaluateValue } from '../../src/expression/evaluate.ts';
import type { Json } from '../../src/expression/json.ts';
import { type Expression, type Kind, nodeOf, wrap } from '../../src/expression/node.ts';
import { printDocument } from '../../src/manifest/document.ts';
import { evaluateDocument } from '../../src/manifest/evaluate.ts';
import { printHelpers } from '../../src/manifest/helpers.ts';

/** `.Values.<path>`, as a schema would give it. */
export function value<T>(
  path: string,
  kind: Kind,
  optional: boolean = kind === 'list' || kind === 'map',
): Expression<T> {
  const elements = kind === 'list' ? ({ elements: 'string' } as const) : {};
  return wrap({ op: 'reference', root: 'Values', path: path.split('.'), kind, optional, ...elements });
}
export const on: Expression<boolean> = value('on', 'boolean');
export const off: Expression<boolean> = value('off', 'boolean');
export const name: Expression<string> = value('name', 'string');
export const hosts: Expression<readonly string[]> = value('hosts', 'list');
export const labels: Expression<Record<string, string>> = value('labels', 'map');

function scopeOf(values: { readonly [key: string]: Json }): Scope {
  return {
    Values: values,
    Release: { Name: 'r', Namespace: 'ns', Service: 'Helm' },
    Chart: { Version: '1.0.0', AppVersion: '1.0.0' },
    Capabilities: { KubeVersion: { Version: 'v1.30.0' } },
  };
}

/** The lines of the template for a manifest. */
export function linesOf(manifest: unknown): readonly string[] {
  return printDocument(nodeOf(manifest), 'c').trimEnd().split('\n');
}

/** The lines of a part, between two keys that are always there. */
export function partLines(part: object): readonly string[] {
  return linesOf({ ...part, end: 1 }).slice(0, -1);
}

export function helpersOf(manifest: unknown): ReadonlyMap<string, string> {
  return printHelpers('c', [nodeOf(manifest)]);
}

export function objectsOf(manifest: unknown, values: { readonly [key: string]: Json } = {}): readonly Json[] {
  return evaluateDocument(nodeOf(manifest), scopeOf(values));
}

export function evaluated(part: unknown, values: { readonly [key: string]: Json } = {}): Json {
  return evaluateValue(nodeOf(part), scopeOf(values));
}
