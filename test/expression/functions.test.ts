import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FunctionName, functions } from '../../src/expression/functions.ts';
import { truncateBytes } from '../../src/expression/go.ts';
import type { Json } from '../../src/expression/json.ts';
import { type Node, node, nodeOf } from '../../src/expression/node.ts';
import { everyNode } from '../../src/expression/walk.ts';
import { definition } from '../../src/resources/definition.ts';
import { numberWithin, integerWithin } from '../equivalence/arbitrary-json.ts';
import { helmVersions } from '../helm/binaries.ts';
import { type CallGroup, compareCalls, operand } from './helm-calls.ts';
import { operandKinds, operandsOf, multiByteTexts, versions, words } from './operands.ts';

const runs = 300;
const regexRows: readonly FunctionName[] = ['regexMatch', 'regexFind', 'regexReplace'];
const literalFirst: readonly FunctionName[] = [...regexRows, 'kubeAtLeast', 'trunc'];
const names = Object.keys(functions) as FunctionName[];
const sample = <T>(arbitrary: fc.Arbitrary<T>, seed: number, numRuns = runs): T[] =>
  fc.sample(arbitrary, { numRuns, seed });

function rowGroup(name: FunctionName, seed: number, bySet = false): CallGroup {
  const args = operandKinds(name).map((kind, i) => operand(i, kind));
  const call = { op: 'call', fn: name, kind: functions[name].result, args } as const;
  const node = name === 'concatLists' ? ({ op: 'call', fn: 'uniq', kind: 'list', args: [call] } as const) : call;
  return { label: `${name}${bySet ? ' by --set' : ''}`, node, calls: sample(operandsOf(name), seed), bySet };
}

/** Every expression of the chart and its rules that applies one of the regex rows. */
function regexCalls(): readonly (Node & { readonly op: 'call' })[] {
  const roots = [
    ...definition.resources.map((resource) => nodeOf(resource.manifest)),
    ...definition.rules.map((rule) => rule.holds[node]),
    definition.notes[node],
  ];
  const calls = roots
    .flatMap((root) => [...everyNode(root)])
    .filter(
      (of): of is Node & { readonly op: 'call' } => of.op === 'call' && regexRows.includes(of.fn as FunctionName),
    );
  return [...new Map(calls.map((of) => [`${of.fn} ${JSON.stringify(literalsOf(of))}`, of])).values()];
}

function literalsOf(of: Node & { readonly op: 'call' }): readonly Json[] {
  return of.args.map((arg) => (arg.op === 'literal' ? arg.value : null));
}

/** Texts that match a pattern, nearly match it, or have nothing to do with it. */
function textsFor(pattern: string): fc.Arbitrary<string> {
  const matching = fc.stringMatching(new RegExp(pattern));
  const near = fc.tuple(matching, words, fc.nat()).map(([text, more, at]) => {
    const cut = at % (text.length + 1);
    return (text.slice(0, cut) + more + text.slice(cut)).toWellFormed();
  });
  return fc.oneof(matching, near, words);
}

function regexGroup(of: Node & { readonly op: 'call' }, seed: number): CallGroup {
  const pattern = String(literalsOf(of)[0]);
  const args = of.args.map((arg) => (arg.op === 'literal' ? arg : operand(0, 'string')));
  return {
    label: `${of.fn} ${pattern}`,
    node: { ...of, args },
    calls: sample(textsFor(pattern), seed).map((text) => [text]),
  };
}

function kubeGroup(least: string, seed: number): CallGroup {
  const args = [nodeOf(least), operand(0, 'string')];
  const node = { op: 'call', fn: 'kubeAtLeast', kind: 'boolean', args } as const;
  return { label: `kubeAtLeast ${least}`, node, calls: sample(versions, seed).map((version) => [version]) };
}

function concatGroup(seed: number): CallGroup {
  const args = [nodeOf('100%-'), operand(0, 'string'), operand(1, 'integer'), nodeOf(7), operand(2, 'number')];
  const operands = fc.tuple(words, integerWithin(-(2 ** 52), 2 ** 52), numberWithin());
  return { label: 'concat', node: { op: 'call', fn: 'concat', kind: 'string', args }, calls: sample(operands, seed) };
}

function chooseGroup(seed: number): CallGroup {
  const [condition, then, otherwise] = [operand(0, 'boolean'), operand(1, 'string'), operand(2, 'string')];
  const node = { op: 'choose', kind: 'string', condition, then, otherwise } as const;
  return { label: 'choose', node, calls: sample(fc.tuple(fc.boolean(), words, words), seed) };
}

function truncGroup(maxBytes: number, seed: number): CallGroup {
  const args = [nodeOf(maxBytes), operand(0, 'string')];
  const node = { op: 'call', fn: 'trunc', kind: 'string', args } as const;
  // U+FFFD is what half a character becomes.
  const texts = multiByteTexts.filter((text) => !truncateBytes(text, maxBytes).includes('\ufffd'));
  return { label: `trunc ${maxBytes}`, node, calls: sample(texts, seed).map((text) => [text]) };
}

const regexes = regexCalls();
const plainNames = names.filter((name) => !literalFirst.includes(name));
const fromFile: readonly CallGroup[] = [
  ...plainNames.map((name, i) => rowGroup(name, i)),
  ...regexes.map((of, i) => regexGroup(of, 100 + i)),
  ...['1.24', '1.27', '2.0'].map((least, i) => kubeGroup(least, 200 + i)),
  ...[0, 1, 2, 3, 4, 52, 63].map((maxBytes, i) => truncGroup(maxBytes, 250 + i)),
  concatGroup(300),
  chooseGroup(301),
];

describe('the function table', () => {
  it('has no row that the chart applies to a pattern and that is not called here', () => {
    expect(new Set(regexes.map((of) => of.fn))).toEqual(new Set(regexRows));
  });

  it.each(helmVersions)('gives what Helm %s gives for values from a file', (version) => {
    const { compared, differences } = compareCalls(version, fromFile);
    expect(differences).toEqual([]);
    expect(compared).toBe(fromFile.length * runs);
  });

  it.each(helmVersions)('gives what Helm %s gives for integers from --set', (version) => {
    const groups = plainNames
      .filter((name) => operandKinds(name).some((kind) => ['integer', 'number', 'scalar'].includes(kind)))
      .map((name, i) => ({ ...rowGroup(name, 400 + i, true), bySet: true }));
    const { compared, differences } = compareCalls(version, groups);
    expect(differences).toEqual([]);
    expect(compared).toBe(groups.length * runs);
  });
});
