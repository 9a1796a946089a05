import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goJson } from '../../src/expression/go.ts';
import type { Json, JsonMap } from '../../src/expression/json.ts';
import { coalesce } from '../../src/schema/coalesce.ts';
import { helmVersions } from '../helm/binaries.ts';
import { runHelm } from '../helm/run.ts';
import { scratchFolder } from '../helm/scratch.ts';
import { valuesText } from '../helm/values-text.ts';

const keys = fc.constantFrom('a', 'b', 'c', 'toString');
const scalar = fc.constantFrom<Json>('', 'x', 0, 3, true, false, [], [1], [null], [{ a: null }]);

function mapOf(leaf: fc.Arbitrary<Json>, depth: number): fc.Arbitrary<JsonMap> {
  const value = depth === 0 ? leaf : fc.oneof(leaf, mapOf(leaf, depth - 1));
  return fc.dictionary(keys, value, { maxKeys: 4, noNullPrototype: true });
}
const defaults = mapOf(scalar, 3);
const user = mapOf(fc.oneof(scalar, fc.constant(null)), 3);
const cases = fc.sample(fc.tuple(defaults, user), { numRuns: 600, seed: 1 });

/** All cases under keys of their own, so that one Helm process merges them. */
function together(side: 0 | 1): JsonMap {
  return Object.fromEntries(cases.map((pair, i) => [`case${i}`, pair[side]]));
}

function writeChart(): string {
  const folder = scratchFolder('coalesce');
  mkdirSync(join(folder, 'templates'));
  writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: merge\nversion: 0.1.0\n');
  writeFileSync(join(folder, 'values.yaml'), valuesText(together(0)));
  writeFileSync(join(folder, 'user.json'), valuesText(together(1)));
  writeFileSync(join(folder, 'templates/all.yaml'), '#V {{ .Values | toJson | b64enc }}\n');
  return folder;
}

describe('values merged over defaults', () => {
  it.each(helmVersions)('are what Helm %s makes of them, with null at any depth', (version) => {
    const folder = writeChart();
    const run = runHelm(version, ['template', 'r', folder, '-f', join(folder, 'user.json')]);
    const printed = /^#V (\S+)$/m.exec(run.stdout)?.[1] ?? run.stderr;
    const merged = JSON.parse(Buffer.from(printed, 'base64').toString('utf8')) as JsonMap;
    const failures = cases.flatMap(([defaults, user], i) => {
      const [helm, ours] = [goJson(merged[`case${i}`] ?? null), goJson(coalesce(defaults, user))];
      return helm === ours ? [] : [{ defaults, user, helm, ours }];
    });
    expect(failures.slice(0, 3)).toEqual([]);
  });

  it.each<readonly [string, JsonMap, JsonMap, JsonMap]>([
    ['a key keeps its default', { a: 1 }, {}, { a: 1 }],
    ['null takes a default away', { a: 1, b: 2 }, { a: null }, { b: 2 }],
    ['null takes a section away', { a: { b: 1 } }, { a: null }, {}],
    ['null without a default stays', {}, { a: null }, { a: null }],
    ['maps are merged', { a: { b: 1, c: 2 } }, { a: { c: 3, d: null } }, { a: { b: 1, c: 3, d: null } }],
    ['lists are replaced', { a: [1, 2] }, { a: [] }, { a: [] }],
    ['an inherited name is a key like any other', {}, { toString: 1 }, { toString: 1 }],
  ])('%s', (_, defaults, user, merged) => {
    expect(coalesce(defaults, user)).toEqual(merged);
  });
});
