import fc from 'fast-check';
import * as b from '../../src/expression/build.ts';
import { nodeOf } from '../../src/expression/node.ts';
import { numberWithin } from '../equivalence/arbitrary-json.ts';
import { hostileKeys, isSafeKey } from '../equivalence/arbitrary-text.ts';
import { blocks, conditions, helperName, integers, lists, literals, texts } from './random-expressions.ts';
import { entryNames, mapKeys, values } from './random-values.ts';

/** A manifest, a part of one, or several: plain data with expressions in it. */
type Manifest = unknown;
type Arbitrary = fc.Arbitrary<Manifest>;

const keys = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'e') },
  { weight: 1, arbitrary: fc.constantFrom(...hostileKeys.filter(isSafeKey)) },
  { weight: 1, arbitrary: literals.filter(isSafeKey) },
);

const leaf: Arbitrary = fc.oneof(
  { weight: 3, arbitrary: literals },
  { weight: 1, arbitrary: numberWithin() },
  { weight: 1, arbitrary: fc.constantFrom(true, false, null) },
  { weight: 4, arbitrary: texts },
  { weight: 2, arbitrary: conditions },
  { weight: 2, arbitrary: integers },
  { weight: 1, arbitrary: fc.constantFrom<Manifest>(values.number, values.share, b.concat(values.integer)) },
  { weight: 1, arbitrary: blocks },
  { weight: 1, arbitrary: blocks.map((block) => b.namedText(helperName(block), block)) },
);

const mapValue: Arbitrary = fc.oneof(
  texts,
  literals,
  integers,
  conditions,
  fc.constantFrom<Manifest>(values.number, values.share, values.texts, values.anything, {}, [], 1.5, 1e21),
  fc.constantFrom<Manifest>({ inner: values.number }, [values.digit], [[]], { inner: values.labels }),
);
const someMap = fc.dictionary(fc.constantFrom(...mapKeys), mapValue, { minKeys: 1, maxKeys: 2 });
const namedMap = fc
  .tuple(fc.dictionary(fc.constantFrom(...mapKeys), fc.oneof(texts, integers, conditions)), conditions)
  .map(([map, condition]) => {
    const body = { z: 'z', ...map, when: b.onlyWhen(condition, 'w'), user: values.anything };
    return b.namedPart<object>(helperName(nodeOf(body)), body);
  });
const mapParts = fc.array(
  fc.oneof(fc.constantFrom<Manifest>(values.labels, values.annotations, values.anything), someMap, namedMap),
  { minLength: 1, maxLength: 3 },
);
const ourEntries = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...entryNames, 'C'), texts, fc.option(conditions)), {
    minLength: 1,
    maxLength: 3,
    selector: ([name]) => name,
  })
  .map((all) =>
    all.map(([name, value, condition]) =>
      condition === null ? { name, value } : b.onlyWhen(condition, { name, value }),
    ),
  );
const mergedByKey = ourEntries.map((ours) =>
  b.mergeByKey(values.entries, { by: 'name', helper: helperName(nodeOf(ours)), ours: ours as never }),
);

const merged = fc.oneof(
  mapParts.map((parts) => b.mergeMaps(...(parts as never[]))),
  mergedByKey,
  lists,
);

/** What stands at a key or in a list as it is, and may be empty. */
const collection: Arbitrary = fc.oneof(
  fc.constantFrom<Manifest>(values.texts, values.maps, values.labels, values.anything, values.entries, {}, []),
  fc.constantFrom<Manifest>(b.keepEmpty(values.labels), b.keepEmpty(values.texts)),
  fc.constant(values.section),
  merged,
  merged.map((part) => b.namedPart(helperName(part), part)),
  namedMap,
);

const repeated: Arbitrary = fc
  .tuple(texts, fc.constantFrom('item', 'other'), fc.boolean())
  .map(([text, variable, asMap]) =>
    b.forEach(values.texts, variable, (item) =>
      asMap ? { of: item, text, when: b.onlyWhen(values.second, { both: b.concat(item, '/', text) }) } : item,
    ),
  );
const repeatedMaps: Arbitrary = fc.constant(
  b.forEach(values.entries, 'entry', (entry) => ({ entry: b.keepEmpty(entry) })),
);

/** A helper does not know what a loop outside of it stands at. */
const namedItem: Arbitrary = fc.constant(
  b.forEach(values.texts, 'item', (item) => b.named(helperName(item), b.concat(item, '!'))),
);

/** Parts of manifests: `part` at a key, `item` in a list. */
export const { part: parts } = fc.letrec<{ part: Manifest; map: Manifest; list: Manifest; item: Manifest }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    collection,
    tie('map'),
    tie('list'),
    fc.tuple(conditions, tie('part'), tie('part')).map(([condition, one, other]) => b.either(condition, one, other)),
    fc.tuple(conditions, tie('part')).map(([condition, one]) => b.onlyWhen(condition, one)),
    tie('map').map((map) => b.namedPart(helperName(nodeOf(map)), map)),
    tie('list').map((list) => b.namedPart(helperName(nodeOf(list)), list)),
  ),
  map: fc.array(fc.tuple(keys, tie('part')), { minLength: 1, maxLength: 4 }).map((all) => Object.fromEntries(all)),
  list: fc.array(tie('item'), { minLength: 1, maxLength: 4 }),
  item: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    tie('map'),
    tie('list'),
    collection,
    fc.constantFrom<Manifest>(b.splice(values.texts), b.splice(values.maps), b.splice(values.entries)),
    fc.tuple(conditions, tie('item')).map(([condition, one]) => b.onlyWhen(condition, one)),
    fc.tuple(conditions, tie('item'), tie('item')).map(([condition, one, other]) => b.either(condition, one, other)),
    repeated,
    repeatedMaps,
    namedItem,
  ),
}));

/** The object of a file, whose `metadata.name` is the file's. */
function objectOf(name: string, body: Manifest): object {
  return { apiVersion: 'v1', kind: 'Random', metadata: { name }, body, end: 'end' };
}

/** What a file may hold: one object, one or two under a condition, several, or one for each element of a list. */
export function manifestOf(name: string, body: Manifest, shape: number, condition: b.Or<boolean>): Manifest {
  const one = objectOf(name, body);
  const other = { ...one, other: true };
  const holds = typeof condition === 'boolean' ? values.first : condition;
  switch (shape) {
    case 0:
      return b.onlyWhen(holds, one);
    case 1:
      return b.either<object>(holds, one, other);
    case 2:
      return [one, b.onlyWhen(holds, other)];
    case 3:
      return b.forEach(values.texts, 'text', (item) => ({ ...one, item }));
    default:
      return one;
  }
}
