import { createHash } from 'node:crypto';
import fc from 'fast-check';
import * as b from '../../src/expression/build.ts';
import { type Expression, type Text, node } from '../../src/expression/node.ts';
import { anyText } from '../equivalence/arbitrary-text.ts';
import { values } from './random-values.ts';

/** Texts that are known when the chart is generated. */
export const literals: fc.Arbitrary<string> = anyText({ unsafe: false });

/** A name that follows from the body: helpers of one name are one helper. */
export function helperName(body: { readonly [node]: unknown } | object): string {
  const text = JSON.stringify(node in body ? body[node] : body, (_, value: unknown) => plain(value));
  return `random.${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}

/** Nodes are data; only their wrappers refuse to be written. */
function plain(value: unknown): unknown {
  return typeof value === 'object' && value !== null && node in value ? value[node] : value;
}

const simpleConditions: readonly Expression<boolean>[] = [
  values.first,
  values.second,
  values.third,
  values.section.enabled,
  b.isNotEmpty(values.empty),
  b.isNotEmpty(values.texts),
  b.isNotEmpty(values.labels),
  b.isEmpty(values.maps),
  b.isGiven(values.share),
  b.equals(values.text, 'x'),
  b.equals(values.digit, 3),
  b.equals(values.first, true),
  b.lessThan(values.digit, values.integer),
  b.atMost(values.integer, 5),
  b.lessThan(values.number, 0.5),
  b.atMost(values.number, values.digit),
  b.contains(values.text, values.empty),
  b.hasPrefix(values.text, 'x'),
  b.hasSuffix(values.text, 'x'),
  b.has(values.texts, values.text),
  b.matches(values.text, '^[a-z]+$'),
  b.kubeAtLeast('1.27'),
];

const several = (one: fc.Arbitrary<Expression<boolean>>): fc.Arbitrary<Expression<boolean>[]> =>
  fc.array(one, { minLength: 1, maxLength: 3 });

export const conditions: fc.Arbitrary<Expression<boolean>> = fc.letrec<{ condition: Expression<boolean> }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    { weight: 4, arbitrary: fc.constantFrom(...simpleConditions) },
    { weight: 1, arbitrary: tie('condition').map(b.not) },
    { weight: 1, arbitrary: several(tie('condition')).map((all) => b.and(...all)) },
    { weight: 1, arbitrary: several(tie('condition')).map((all) => b.or(...all)) },
    { weight: 1, arbitrary: tie('condition').map((one) => b.named(helperName(one), one)) },
  ),
})).condition;

/** Integers of every kind, a named one too. */
export const integers: fc.Arbitrary<Expression<number>> = fc
  .tuple(conditions, fc.constantFrom(values.integer, values.digit), fc.integer({ min: -9, max: 9 }))
  .chain(([condition, value, factor]) => {
    const sum = b.add(b.mul(value, factor), b.div(values.digit, 4), factor);
    const chosen = b.choose<number>(condition, sum, value);
    return fc.constantFrom(value, sum, b.integerOf(b.concat(value)), chosen, b.named(helperName(chosen), chosen));
  });

const ofText = (text: fc.Arbitrary<Expression<string>>): fc.Arbitrary<Expression<string>>[] => [
  fc.tuple(text, literals, integers, fc.constantFrom(values.number)).map((parts) => b.concat(...parts)),
  fc.tuple(conditions, text, literals).map(([condition, then, other]) => b.choose<string>(condition, then, other)),
  fc.tuple(text, literals).map(([one, fallback]) => b.orDefault(one, fallback)),
  text.map(b.base64),
  text.map(b.sha256),
  fc.tuple(text, fc.constantFrom('-', 'x', 'ab')).map(([one, suffix]) => b.trimSuffix(one, suffix)),
  fc.tuple(text, fc.constantFrom('-', 'x', 'ab')).map(([one, prefix]) => b.trimPrefix(one, prefix)),
  fc.tuple(text, fc.constantFrom('a', 'é')).map(([one, from]) => b.replace(one, from, '_')),
  fc.constantFrom(values.texts, values.labels, values.maps, values.number, values.first, values.share).map(b.json),
  fc.constant(b.scalarText(values.share)),
  fc.constant(b.join(values.texts, ', ')),
  text.map((one) => b.named(helperName(one), one)),
  fc.tuple(conditions, text, literals, literals).map(([condition, one, before, other]) => {
    const run = b.concat(before, b.choose<string>(condition, one, other), other);
    return b.named(helperName(run), run);
  }),
];

export const texts: fc.Arbitrary<Expression<string>> = fc.letrec<{ text: Expression<string> }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(values.empty, values.text, values.section.inner.text, b.release.name, b.chart.version),
    ...ofText(tie('text')),
  ),
})).text;

/** Lists of text that a chart makes out of the user's. */
export const lists: fc.Arbitrary<Expression<readonly string[]>> = texts.map((one) =>
  b.union(b.orDefaultList(values.texts, b.listOf(one)), b.listOf(one, 'z')),
);

/** Blocks of text. */
export const blocks: fc.Arbitrary<Text> = fc
  .tuple(texts, conditions, literals, literals)
  .map(([one, condition, first, last]) =>
    b.text(
      'first: {{ x',
      ['  a: ', b.asJson(one), oneLine(first)],
      '',
      [oneLine(last), ' ', b.asJson(values.number), ' ', b.asJson(values.integer)],
      b.linesWhen(condition, '  only', ['  ', b.asJson(values.labels), ' }', oneLine(first), '{']),
      b.linesEither(
        condition,
        ['either', b.linesWhen(condition, ' in')],
        [['or ', b.asPlain(values.integer), oneLine(last)]],
      ),
      ` end ${oneLine(last)}.`,
    ),
  );

/** A line of text holds no line break, nor what some reader takes for one, and ends in no blank space. */
function oneLine(text: string): string {
  return text.replace(/[^\P{Cc}\t]|\ufeff/gu, '_').replace(/\s$/, '_');
}
