import { describe, expect, it } from 'vitest';
import * as b from '../../src/expression/build.ts';
import type { Text } from '../../src/expression/node.ts';
import { evaluated, helpersOf, linesOf, name, on, partLines, value } from './printed.ts';

const count = value<number>('count', 'integer');
const ratio = value<number>('ratio', 'number');

describe('a text', () => {
  const part = b.text(
    '{',
    ['  "a{', b.asJson(name), '{', '{": ', b.asPlain(count), ','],
    '',
    ['  ', b.asJson(ratio)],
    '}',
  );

  it('is a block scalar whose values are encoded', () => {
    expect(partLines({ a: part })).toEqual([
      'a: |',
      '  {',
      '    "a{{ "{" }}{{ .Values.name | toJson }}{{ "{{" }}": {{ .Values.count | int64 }},',
      '',
      '    {{ .Values.ratio | toJson }}',
      '  }',
    ]);
  });

  it('has the same value', () => {
    expect(evaluated(part, { name: 'x<', count: 3, ratio: 0.5 })).toBe('{\n  "a{"x\\u003c"{{": 3,\n\n  0.5\n}');
    expect(
      evaluated(b.text(['n ', b.asJson(count), b.asPlain(count), b.asPlain(ratio)]), { count: -0, ratio: 1e21 }),
    ).toBe('n 001e+21');
  });

  it('is a helper when it has a name', () => {
    expect([...helpersOf({ a: b.namedText('c.t', b.text('x', b.linesWhen(on, 'y'))) }).values()]).toEqual([
      '{{- define "c.t" -}}\nx\n{{- if .Values.on }}\ny\n{{- end }}\n{{- end }}',
    ]);
  });
});

describe('a text is refused', () => {
  it.each<readonly [why: string, text: Text, message: RegExp]>([
    ['that starts with a value', b.text([b.asJson(name)]), /starts with literal text/],
    ['that starts with blank space', b.text(' x'), /starts with literal text/],
    ['that starts with a condition', b.text(b.linesWhen(on, 'x')), /starts with literal text/],
    ['that has no line', b.text(), /starts with literal text/],
    ['with a line break in a line', b.text('x', 'a\nb'), /no line break/],
    ['with a carriage return in a line', b.text('x', b.linesWhen(on, 'a\rb')), /no line break/],
    ['with a byte order mark', b.text('x\ufeff'), /no line break/],
    ['with a line that ends in blank space', b.text('x '), /ends in no blank space/],
    ['with a blank line before a condition', b.text('x', '', b.linesWhen(on, 'y')), /trimmed away/],
    ['with a blank line before the end of a condition', b.text('x', b.linesWhen(on, 'y', '')), /trimmed away/],
    ['with a blank line at its end', b.text('x', ''), /trimmed away/],
    ['with text of a value as it is', b.text(['x', b.asPlain(name)]), /put in by asJson/],
    ['with a blank line before an else', b.text('x', b.linesEither(on, ['y', ''], ['z'])), /trimmed away/],
    ['with a blank line at the end of an else', b.text('x', b.linesEither(on, ['y'], ['z', ''])), /trimmed away/],
    ['with such text under an else', b.text('x', b.linesEither(on, ['y'], [[b.asPlain(name)]])), /put in by asJson/],
    ['with such text under a condition', b.text('x', b.linesWhen(on, [b.asPlain(name)])), /put in by asJson/],
  ])('%s', (_, text, message) => {
    expect(() => linesOf({ a: text, end: 1 })).toThrow(message);
    expect(() => helpersOf({ a: b.namedText('c.t', text) })).toThrow(message);
  });
});
