import { describe, expect, it } from 'vitest';
import * as b from '../../src/expression/build.ts';
import { type Scope, evaluateValue } from '../../src/expression/evaluate.ts';
import type { Json } from '../../src/expression/json.ts';
import { type Expression, type Kind, node, wrap } from '../../src/expression/node.ts';
import { atRoot, printCondition, printInline, printNegation, printScalar } from '../../src/expression/print.ts';

/** `.Values.<name>`, as a schema would give it. */
function value<T>(name: string, kind: Kind, optional = false): Expression<T> {
  const elements = kind === 'list' ? ({ elements: 'string' } as const) : {};
  return wrap({ op: 'reference', root: 'Values', path: [name], kind, optional, ...elements });
}
const url = value<string>('url', 'string');
const suffix = value<string>('suffix', 'string', true);
const replicas = value<number>('replicas', 'integer');
const ratio = value<number>('ratio', 'number');
const on = value<boolean>('on', 'boolean');
const off = value<boolean>('off', 'boolean');
const hosts = value<readonly string[]>('hosts', 'list', true);
const labels = value<Record<string, string>>('labels', 'map', true);
const share = value<string | number>('share', 'scalar');

const scope: Scope = {
  Values: { url: 'http://é/', replicas: 3, ratio: 0.5, on: true, off: false, hosts: ['b', 'a', 'b'], share: '25%' },
  Release: { Name: 'shop', Namespace: 'prod', Service: 'Helm' },
  Chart: { Version: '1.2.3', AppVersion: '4.5.6' },
  Capabilities: { KubeVersion: { Version: 'v1.30.1-eks-1' } },
};

type Row = readonly [builder: string, expression: Expression<unknown>, printed: string, evaluated: Json];

describe('an expression is printed, and evaluated', () => {
  it.each<Row>([
    ['a reference', url, '.Values.url', 'http://é/'],
    ['a missing optional text', suffix, '.Values.suffix', ''],
    ['a missing list', value('none', 'list', true), '.Values.none', []],
    ['a missing map', labels, '.Values.labels', {}],
    ['release', b.release.name, '.Release.Name', 'shop'],
    ['chart', b.chart.appVersion, '.Chart.AppVersion', '4.5.6'],
    ['kubeAtLeast', b.kubeAtLeast('1.27'), 'semverCompare ">=1.27-0" .Capabilities.KubeVersion.Version', true],

    ['not', b.not(on), 'not .Values.on', false],
    ['and', b.and(on, off), 'and .Values.on .Values.off', false],
    ['and in and', b.and(b.and(on, off), on), 'and .Values.on .Values.off .Values.on', false],
    ['or', b.or(on, b.and(on, off)), 'or .Values.on (and .Values.on .Values.off)', true],
    ['isEmpty', b.isEmpty(hosts), 'empty .Values.hosts', false],
    ['isNotEmpty', b.isNotEmpty(labels), 'not (empty .Values.labels)', false],
    ['isGiven', b.isGiven(share), 'not (eq (.Values.share | toString) "")', true],
    ['equals on text', b.equals(url, 'x y'), 'eq .Values.url "x y"', false],
    ['equals on optional text', b.equals(suffix, ''), 'eq (.Values.suffix | default "") ""', true],
    ['equals on booleans', b.equals(on, true), 'eq .Values.on true', true],
    ['equals on integers', b.equals(replicas, 3), 'eq (int64 .Values.replicas) 3', true],
    ['lessThan', b.lessThan(replicas, 4), 'lt (int64 .Values.replicas) 4', true],
    [
      'lessThan with a fraction',
      b.lessThan(replicas, ratio),
      'lt (float64 .Values.replicas) (float64 .Values.ratio)',
      false,
    ],
    ['atMost', b.atMost(3, replicas), 'le 3 (int64 .Values.replicas)', true],
    ['atMost with a fraction', b.atMost(ratio, 1), 'le (float64 .Values.ratio) 1.0', true],
    ['a number with an exponent', b.atMost(ratio, 1e21), 'le (float64 .Values.ratio) 1e+21', true],
    ['a small number', b.atMost(ratio, 1e-7), 'le (float64 .Values.ratio) 1e-7', false],
    ['contains', b.contains(url, '//'), 'contains "//" .Values.url', true],
    ['hasPrefix', b.hasPrefix(url, 'https:'), 'hasPrefix "https:" .Values.url', false],
    ['hasSuffix', b.hasSuffix(url, '/'), 'hasSuffix "/" .Values.url', true],
    ['matches', b.matches(url, '^[a-z]+:'), 'regexMatch "^[a-z]+:" .Values.url', true],
    ['has', b.has(hosts, 'a'), 'has "a" (.Values.hosts | default list)', true],

    [
      'concat',
      b.concat(url, '100%', replicas, '-', ratio),
      'printf "%s100%%%d-%s" .Values.url (int64 .Values.replicas) (toJson (float64 .Values.ratio))',
      'http://é/100%3-0.5',
    ],
    ['concat of literals', b.concat('a', 1, 'b%'), '"a1b%"', 'a1b%'],
    ['orDefault', b.orDefault(suffix, 'x'), '.Values.suffix | default "x"', 'x'],
    ['trunc in bytes', b.trunc(url, 9), '.Values.url | trunc 9', 'http://é'],
    ['trimPrefix', b.trimPrefix(url, 'http'), '.Values.url | trimPrefix "http"', '://é/'],
    ['trimSuffix', b.trimSuffix(suffix, '-'), '.Values.suffix | default "" | trimSuffix "-"', ''],
    ['replace', b.replace(url, '/', '-'), '.Values.url | replace "/" "-"', 'http:--é-'],
    ['regexFind', b.regexFind(url, '[a-z]+'), '.Values.url | regexFind "[a-z]+"', 'http'],
    [
      'regexReplace',
      b.regexReplace(url, '^([a-z]+):', '${1}s:'),
      'regexReplaceAll "^([a-z]+):" .Values.url "${1}s:"',
      'https://é/',
    ],
    ['json', b.json(labels), '.Values.labels | default dict | toJson', '{}'],
    ['json of text', b.json(value('html', 'string')), '.Values.html | toJson', '""'],
    ['scalarText', b.scalarText(share), '.Values.share | toString', '25%'],
    ['base64', b.base64(url), '.Values.url | b64enc', 'aHR0cDovL8OpLw=='],
    [
      'sha256',
      b.sha256(suffix),
      '.Values.suffix | default "" | sha256sum',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    ],
    ['join', b.join(hosts, ', '), '.Values.hosts | default list | join ", "', 'b, a, b'],

    ['integerOf', b.integerOf(b.concat(replicas, 0)), 'printf "%d0" (int64 .Values.replicas) | int64', 30],
    ['add', b.add(replicas, -1), 'add (int64 .Values.replicas) -1', 2],
    ['mul', b.mul(replicas, replicas), 'mul (int64 .Values.replicas) (int64 .Values.replicas)', 9],
    ['div', b.div(b.add(replicas, 4), 2), 'div (add (int64 .Values.replicas) 4) 2', 3],

    ['listOf', b.listOf(url, 'x'), 'list .Values.url "x"', ['http://é/', 'x']],
    ['orDefaultList', b.orDefaultList(hosts, b.listOf('x')), '.Values.hosts | default (list "x")', ['b', 'a', 'b']],
    [
      'union',
      b.union(hosts, b.listOf('x')),
      'concat (.Values.hosts | default list) (list "x") | uniq',
      ['b', 'a', 'x'],
    ],
    ['union of one', b.union(hosts), '.Values.hosts | default list | uniq', ['b', 'a']],

    ['choose', b.choose<string>(on, url, 'x'), 'ternary .Values.url "x" .Values.on', 'http://é/'],
    ['choose on integers', b.choose<number>(off, 1, replicas), 'ternary 1 (int64 .Values.replicas) .Values.off', 3],
    ['named text', b.named('c.url', url), 'include "c.url" .', 'http://é/'],
    ['a named integer', b.named('c.n', b.add(replicas, 1)), 'include "c.n" . | int64', 4],
    ['a named condition', b.named('c.on', on), 'eq (include "c.on" .) "true"', true],
    ['a named map', b.namedPart('c.map', { a: url }), 'include "c.map" . | fromYaml', { a: 'http://é/' }],
    ['a named list', b.namedPart('c.list', ['a', url]), 'include "c.list" . | fromYamlArray', ['a', 'http://é/']],
    [
      'an odd key',
      wrap({ op: 'reference', root: 'Values', path: ['a', 'b-c', 'd'], kind: 'string', optional: false }),
      'index .Values.a "b-c" "d"',
      '',
    ],
  ])('%s', (_, expression, printed, evaluated) => {
    expect(printInline(expression[node], atRoot)).toBe(printed);
    expect(evaluateValue(expression[node], scope)).toEqual(evaluated);
  });

  it('has the root of the context at hand inside a loop', () => {
    const context = { ...atRoot, root: '$' as const };
    expect(printInline(b.concat(url, b.named('c.n', url))[node], context)).toBe(
      'printf "%s%s" $.Values.url (include "c.n" $)',
    );
  });
});

describe('a condition is printed as a person would write it', () => {
  it.each<readonly [Expression<boolean>, condition: string, negation: string]>([
    [on, '.Values.on', 'not .Values.on'],
    [b.not(on), 'not .Values.on', '.Values.on'],
    [b.isNotEmpty(hosts), '.Values.hosts', 'not .Values.hosts'],
    [b.isEmpty(hosts), 'not .Values.hosts', '.Values.hosts'],
    [b.isGiven(share), 'ne (.Values.share | toString) ""', 'eq (.Values.share | toString) ""'],
    [b.equals(replicas, 3), 'eq (int64 .Values.replicas) 3', 'ne (int64 .Values.replicas) 3'],
    [b.lessThan(replicas, 3), 'lt (int64 .Values.replicas) 3', 'ge (int64 .Values.replicas) 3'],
    [b.atMost(ratio, 0.5), 'le (float64 .Values.ratio) 0.5', 'gt (float64 .Values.ratio) 0.5'],
    [b.and(on, b.not(off)), 'and .Values.on (not .Values.off)', 'or (not .Values.on) .Values.off'],
    [b.or(on, b.isNotEmpty(hosts)), 'or .Values.on .Values.hosts', 'and (not .Values.on) (not .Values.hosts)'],
    [b.named('c.on', on), 'include "c.on" .', 'not (include "c.on" .)'],
    [b.hasPrefix(url, 'x'), 'hasPrefix "x" .Values.url', 'not (hasPrefix "x" .Values.url)'],
  ])('%#', (condition, printed, negated) => {
    expect(printCondition(condition[node], atRoot)).toBe(printed);
    expect(printNegation(condition[node], atRoot)).toBe(negated);
    expect(printCondition(b.not(condition)[node], atRoot)).toBe(negated);
    const holds = evaluateValue(condition[node], scope);
    expect(evaluateValue(b.not(condition)[node], scope)).toBe(holds === false);
  });
});

describe('a scalar of YAML ends in the encoder of its kind', () => {
  it.each<readonly [Expression<unknown>, string | undefined]>([
    [url, '{{ .Values.url | quote }}'],
    [suffix, '{{ .Values.suffix | default "" | quote }}'],
    [replicas, '{{ .Values.replicas | int64 }}'],
    [b.add(replicas, 1), '{{ add (int64 .Values.replicas) 1 }}'],
    [ratio, '{{ .Values.ratio | toJson }}'],
    [on, '{{ .Values.on | toJson }}'],
    [share, '{{ .Values.share | toJson }}'],
    [hosts, undefined],
    [labels, undefined],
  ])('%#', (expression, printed) => {
    expect(printScalar(expression[node], atRoot)).toBe(printed);
  });
});

describe('a builder refuses what Go would do otherwise', () => {
  const anything = (of: unknown): never => of as never;
  it.each<readonly [string, () => unknown]>([
    ['integers out of a number', () => b.add(ratio, 1)],
    ['equality of numbers with a fraction', () => b.equals(ratio, 1)],
    ['an integer compared with a fraction', () => b.equals(replicas, 0.5)],
    ['text of a union', () => b.concat(anything(share))],
    ['prose of a union', () => b.asPlain(share)],
    ['text functions of a union', () => b.trunc(anything(share), 3)],
    ['two kinds to choose from', () => b.choose<string | number>(on, 'a', 1)],
    ['a helper of a number', () => b.named('c.ratio', ratio)],
    ['a helper of a union', () => b.named('c.share', share)],
    ['an integer that is none of Go’s', () => b.lessThan(replicas, 1e21)],
    ['an empty text to look for', () => b.replace(url, '', 'x')],
    ['a negative length', () => b.trunc(url, -1)],
    ['a division by zero', () => b.div(replicas, 0)],
    ['a look-ahead', () => b.matches(url, '^(?!x)')],
    ['a back-reference', () => b.matches(url, '(a)\\1')],
    ['classes that differ', () => b.regexFind(url, '\\s')],
    ['what only RE2 knows', () => b.matches(url, '\\Aa\\z')],
    ['what only RE2 takes for a class', () => b.matches(url, '[[:alpha:]]')],
    ['a pattern that is none', () => b.matches(url, '(')],
    ['a replacement of nothing', () => b.regexReplace(url, 'x*', '-')],
    ['a replacement of all', () => b.regexReplace(url, 'x', '$&')],
    ['a loop over a name with a dash', () => b.forEach(hosts, 'a-b', (item) => item)],
    ['a key that YAML takes for something else', () => b.namedPart('c.x', { '<<': url })],
    ['half a character', () => b.concat(url, '\ud800')],
    ['a character that YAML loses', () => b.concat(url, '\u0085')],
    ['no number', () => b.listOf(anything(Number.NaN))],
    ['a date', () => b.namedPart('c.x', { at: new Date() })],
    ['a function', () => b.namedPart('c.x', { at: () => url })],
  ])('%s', (_, build) => {
    expect(build).toThrow(TypeError);
  });
});
