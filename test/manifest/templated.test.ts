import { describe, expect, it } from 'vitest';
import { add, concat, either, equals, forEach, namedPart, onlyWhen, splice, text } from '../../src/expression/build.ts';
import { nodeOf } from '../../src/expression/node.ts';
import type { Templated } from '../../src/expression/templated.ts';
import { hosts, labels, name, on, value } from './printed.ts';

interface Container {
  readonly name: string;
  readonly image?: string;
}
interface Thing {
  readonly kind: 'Thing';
  readonly replicas: number;
  readonly paused?: boolean;
  readonly labels?: { readonly [key: string]: string };
  readonly containers: readonly Container[];
  readonly args?: readonly string[];
}
const count = value<number>('count', 'integer');
const containers = value<readonly Container[]>('containers', 'list');
const good: Templated<Thing> = { kind: 'Thing', replicas: 1, containers: [] };

/** Checked by the compiler: an unused `@ts-expect-error` is an error too. */
const accepted: readonly Templated<Thing>[] = [
  good,
  { ...good, replicas: count },
  { ...good, replicas: add(count, 1), paused: on },
  { ...good, paused: onlyWhen(on, true) },
  { ...good, labels, args: hosts },
  { ...good, labels: { a: 'b', c: name, d: onlyWhen(on, 'e') } },
  { ...good, labels: namedPart<Record<string, string>>('c.labels', { a: name }) },
  { ...good, labels: { script: text('x') } },
  { ...good, args: ['a', name, onlyWhen(on, 'b'), splice(hosts), forEach(hosts, 'host', (host) => concat(host, 'x'))] },
  { ...good, containers: [{ name }, onlyWhen(on, { name: 'x', image: name }), splice(containers)] },
  { ...good, containers: either<Templated<Container[]>>(on, [{ name }], []) },
];

const refused: readonly Templated<Thing>[] = [
  // @ts-expect-error a condition is no number
  { ...good, replicas: on },
  // @ts-expect-error a condition is no number, however it comes about
  { ...good, replicas: equals(name, 'x') },
  // @ts-expect-error text is no number
  { ...good, replicas: name },
  // @ts-expect-error an integer is no text
  { ...good, labels: { a: count } },
  // @ts-expect-error an unknown key
  { ...good, replica: 1 },
  // @ts-expect-error an unknown key further down
  { ...good, containers: [{ name, images: 'x' }] },
  // @ts-expect-error a part that may be missing where the key is required
  { ...good, replicas: onlyWhen(on, 1) },
  // @ts-expect-error the same further down
  { ...good, containers: [{ name: onlyWhen(on, 'x') }] },
  // @ts-expect-error a missing key
  { kind: 'Thing', replicas: 1 },
  // @ts-expect-error another word than the type has
  { ...good, kind: 'Other' },
  // @ts-expect-error a list of text among containers
  { ...good, containers: [splice(hosts)] },
  // @ts-expect-error elements among others make no list
  { ...good, args: splice(hosts) },
  // @ts-expect-error a map of texts is no list
  { ...good, args: labels },
  // @ts-expect-error a text of several lines is no number
  { ...good, replicas: text('x') },
];

describe('Templated<T>', () => {
  it('takes plain data and expressions of the right type, all of which are nodes', () => {
    for (const manifest of accepted) expect(nodeOf(manifest)).toMatchObject({ op: 'map' });
  });

  it('is checked by the compiler alone: at run time nothing tells what the type would have said', () => {
    for (const manifest of refused) expect(nodeOf(manifest)).toMatchObject({ op: 'map' });
  });
});
