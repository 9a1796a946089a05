import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goJson } from '../../src/expression/go.ts';
import { type JsonMap, lookUp } from '../../src/expression/json.ts';
import { type Node, nodeOf } from '../../src/expression/node.ts';
import type { ReleaseOptions } from '../../src/manifest/definition.ts';
import { printDocument } from '../../src/manifest/document.ts';
import { evaluateDocument } from '../../src/manifest/evaluate.ts';
import { printHelpers } from '../../src/manifest/helpers.ts';
import { parseValues } from '../../src/schema/parse.ts';
import { helmVersions } from '../helm/binaries.ts';
import { differences } from '../helm/compare.ts';
import { templateMany } from '../helm/many.ts';
import { scratchFolder } from '../helm/scratch.ts';
import { valuesText } from '../helm/values-text.ts';
import { conditions } from './random-expressions.ts';
import { manifestOf, parts } from './random-manifests.ts';
import { documents, schema } from './random-values.ts';

const chart = 'random';
const trees = 240;
const seed = Number(process.env['MANIFEST_SEED'] ?? 1);
const release: ReleaseOptions = { name: 'r', namespace: 'ns', service: 'Helm', kubeVersion: 'v1.30.0' };

interface Template {
  readonly name: string;
  readonly of: Node;
  readonly text: string;
  readonly helpers: ReadonlyMap<string, string>;
}

/** The template of a manifest, or why it can't be printed. */
function print(name: string, manifest: unknown): Template | TypeError {
  const of = nodeOf(manifest);
  try {
    return { name, of, text: printDocument(of, chart), helpers: printHelpers(chart, [of]) };
  } catch (error) {
    if (error instanceof TypeError) return error;
    throw error;
  }
}

const manifests = fc.sample(fc.tuple(parts, fc.nat(8), conditions), { numRuns: trees, seed });
const printed = manifests.map(([body, shape, condition], i) =>
  print(`t${i}`, manifestOf(`t${i}`, body, shape, condition)),
);
const templates = printed.filter((one): one is Template => !(one instanceof Error));
const sample = fc.sample(documents, { numRuns: 4, seed });

function writeChart(): string {
  const folder = scratchFolder('random');
  mkdirSync(join(folder, 'templates'));
  writeFileSync(join(folder, 'Chart.yaml'), `apiVersion: v2\nname: ${chart}\nversion: 0.1.0\n`);
  writeFileSync(join(folder, 'values.yaml'), valuesText(schema.defaults));
  for (const { name, text } of templates) writeFileSync(join(folder, `templates/${name}.yaml`), text);
  const helpers = new Map(templates.flatMap((template) => [...template.helpers]));
  writeFileSync(join(folder, 'templates/_helpers.tpl'), [...helpers.values()].join('\n\n'));
  return folder;
}

function evaluate(of: Node, document: JsonMap): readonly JsonMap[] {
  const parsed = parseValues(schema, document);
  if (parsed.values === undefined) throw new Error(JSON.stringify(parsed.problems));
  const { name: Name, namespace: Namespace, service: Service, kubeVersion: Version } = release;
  return evaluateDocument(of, {
    Values: parsed.values,
    Release: { Name, Namespace, Service },
    Chart: { Version: '0.1.0', AppVersion: '' },
    Capabilities: { KubeVersion: { Version } },
  });
}

type Objects = readonly JsonMap[];

/** Each file's objects, by the name that all of them have. */
function byFile(objects: Objects): ReadonlyMap<unknown, Objects> {
  const nameOf = (object: JsonMap): unknown => lookUp(object, ['metadata', 'name']);
  const names = new Set(objects.map(nameOf));
  return new Map([...names].map((name) => [name, objects.filter((object) => nameOf(object) === name)]));
}

/** The template and how the objects differ, or nothing. Several objects of a file have one name: their order counts not. */
function compare(template: Template, helm: Objects, ours: Objects): readonly string[] {
  const [left, right] = [helm, ours].map((objects) => objects.toSorted((a, b) => (goJson(a) < goJson(b) ? -1 : 1)));
  const found = [...(left ?? []).keys()].flatMap((i) => differences([left?.[i] ?? null], [right?.[i] ?? null]));
  const count = helm.length === ours.length ? [] : [`${helm.length} objects in Helm, ${ours.length} in ours`];
  return found.length + count.length === 0 ? [] : [[...count, ...found.slice(0, 3), template.text].join('\n')];
}

describe('random manifests', () => {
  const folder = writeChart();

  it.each(helmVersions)('are the same objects evaluated and rendered by Helm %s', (version) => {
    const { name, namespace, kubeVersion } = release;
    const options = { release: { name, namespace }, kubeVersion: kubeVersion.slice(1) };
    const results = templateMany(version, folder, sample, options);
    const failures = sample.flatMap((document, d) => {
      const result = results[d];
      if (result === undefined || 'refused' in result) return [`document ${d} is refused: ${result?.refused}`];
      const rendered = byFile(result.objects as Objects);
      return templates.flatMap((template) =>
        compare(template, rendered.get(template.name) ?? [], evaluate(template.of, document)),
      );
    });
    expect(failures.slice(0, 3)).toEqual([]);
  });

  it('are refused with a reason, and seldom, where a template can not say them', () => {
    const refusals = printed.filter((one) => one instanceof TypeError);
    const reasons = new Set(refusals.map((error) => error.message));
    expect(
      [...reasons].filter(
        (reason) => !/has no text inside an expression|needs a body|of the loop around it/.test(reason),
      ),
    ).toEqual([]);
    expect(templates.length).toBeGreaterThan(150);
  });
});
