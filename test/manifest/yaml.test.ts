import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hostileTexts, isSafeText } from '../equivalence/arbitrary-text.ts';
import { helmVersions } from '../helm/binaries.ts';
import { readWithGo } from '../helm/objects.ts';
import { literalBeforeAction, verbatim, yamlKey, yamlScalar, yamlText } from '../../src/manifest/yaml.ts';

const texts = hostileTexts.filter(isSafeText);

describe('a literal text in YAML', () => {
  it.each([
    ['relayer', 'relayer'],
    ['app.kubernetes.io/name', 'app.kubernetes.io/name'],
    ['/var/run', '/var/run'],
    ['y', '"y"'],
    ['no', '"no"'],
    ['On', '"On"'],
    ['null', '"null"'],
    ['NaN', '"NaN"'],
    ['1e3', '"1e3"'],
    ['12:30', '"12:30"'],
    ['0x1f', '"0x1f"'],
    ['.5', '".5"'],
    ['~', '"~"'],
    ['', '""'],
    ['a b', '"a b"'],
    ['a: b', '"a: b"'],
    ['-', '"-"'],
    ['"', '"\\""'],
    ['a\nb', '"a\\nb"'],
    ['\u0085\ufeff', '"\\u0085\\ufeff"'],
  ])('%j is printed as %s', (text, printed) => {
    expect(yamlText(text)).toBe(printed);
  });

  it.each(['1.1', '1.2'] as const)('is read back as it was by YAML %s', (version) => {
    for (const text of texts)
      expect(parse(`? ${yamlText(text)}\n: ${yamlText(text)}\n`, { version })).toEqual({ [text]: text });
  });

  it.each(helmVersions)('is read back as it was by Helm %s', (version) => {
    const documents = texts.map((text) => `${yamlText(text)}: 1\nv: ${yamlText(text)}\n`);
    expect(readWithGo(version, documents)).toEqual(texts.map((text) => ({ [text]: 1, v: text })));
  });
});

describe('a literal in a template', () => {
  it.each([
    ['{{ x }}', '{{ "{{" }} x }}'],
    ['{{{', '{{ "{{" }}{'],
    ['{', '{'],
  ])('%j starts no action', (text, printed) => {
    expect(verbatim(text)).toBe(printed);
  });

  it.each([
    ['a{', 'a{{ "{" }}'],
    ['{{{', '{{ "{{{" }}'],
    ['{{ a', '{{ "{{" }} a'],
    ['a', 'a'],
  ])('%j starts none together with an action after it', (text, printed) => {
    expect(literalBeforeAction(text)).toBe(printed);
  });

  it('is quoted where needed', () => {
    expect(yamlKey('{{ x }}')).toBe('"{{ "{{" }} x }}"');
    expect(yamlScalar('{{')).toBe('"{{ "{{" }}"');
    expect([true, null, 1e21, 0.5].map(yamlScalar)).toEqual(['true', 'null', '1e+21', '0.5']);
  });
});
