import { describe, expect, it } from 'vitest';
import { asJson, forEach, mergeMaps, onlyWhen, release, splice, text } from '../../src/expression/build.ts';
import { type Expression, isWrapped, node, nodeOf, wrap } from '../../src/expression/node.ts';

const yes = wrap<Expression<boolean>>({
  op: 'reference',
  root: 'Values',
  path: ['a'],
  kind: 'boolean',
  optional: false,
});
const list = wrap<Expression<readonly string[]>>({
  op: 'reference',
  root: 'Values',
  path: ['l'],
  kind: 'list',
  optional: true,
});

describe('an expression', () => {
  it.each<readonly [string, unknown]>([
    ['reference', release.name],
    ['onlyWhen', onlyWhen(yes, 'x')],
    ['splice', splice(list)],
    ['forEach', forEach(list, 'item', (item) => item)],
    ['mergeMaps', mergeMaps({ a: 'b' })],
    ['text', text(['a ', asJson(release.name)])],
  ])('has no value while the chart is generated: %s', (_, wrapped) => {
    const any = wrapped as string;
    expect(() => `text ${any}`).toThrow(/use the builders/);
    expect(() => 'x'.concat(any)).toThrow(TypeError);
    expect(() => Number(any)).toThrow(TypeError);
    expect(() => any < 'x').toThrow(TypeError);
    expect(() => JSON.stringify({ any })).toThrow(TypeError);
    expect(isWrapped(any)).toBe(true);
  });

  it('is frozen, and so is its node', () => {
    expect(Object.isFrozen(release.name)).toBe(true);
    expect(Object.isFrozen(release.name[node])).toBe(true);
  });

  it('inherits nothing that could be taken for a key of the values', () => {
    expect('constructor' in release.name).toBe(false);
    expect(Object.keys(release.name)).toEqual([]);
  });
});

describe('plain data as a node', () => {
  it('leaves undefined keys out and keeps null', () => {
    expect(nodeOf({ a: undefined, b: null, c: [] })).toEqual({
      op: 'map',
      kind: 'map',
      entries: [
        ['b', { op: 'literal', kind: 'scalar', value: null }],
        ['c', { op: 'list', kind: 'list', items: [] }],
      ],
    });
  });

  it('tells integers from numbers and has no -0', () => {
    expect(nodeOf(3)).toEqual({ op: 'literal', kind: 'integer', value: 3 });
    expect(nodeOf(0.5)).toEqual({ op: 'literal', kind: 'number', value: 0.5 });
    expect(nodeOf(-0)).toEqual({ op: 'literal', kind: 'integer', value: 0 });
  });

  it.each([undefined, Number.NaN, Infinity, 1n, Symbol('s'), () => 1, new Map(), new Date(), [undefined]])(
    'refuses %s',
    (value) => {
      expect(() => nodeOf(value)).toThrow(/a manifest holds plain data and expressions, not /);
    },
  );
});
