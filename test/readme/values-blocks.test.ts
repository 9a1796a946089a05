import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { lookUp } from '../../src/expression/json.ts';
import { renderObjects } from '../../src/manifest/definition.ts';
import { definition } from '../../src/resources/definition.ts';
import { type HelmVersion, helmVersions } from '../helm/binaries.ts';
import { differences } from '../helm/compare.ts';
import { type Json, type JsonMap, isJsonMap } from '../helm/json.ts';
import { type ManyResult, templateMany } from '../helm/many.ts';
import { readWithGo } from '../helm/objects.ts';
import { scratchFolder } from '../helm/scratch.ts';
import { helmTemplate } from '../helm/template.ts';
import { type Block, blocksOf, nameOf } from './markdown.ts';
import { chart, examples, readPage } from './pages.ts';
import { completed, valuesBlocksOf } from './values-blocks.ts';

const release = { name: 'consonant-prod', namespace: 'consonant-system' };
const kubeVersion = '1.30.0';

function evaluate(values: Json): readonly Json[] {
  const rendered = renderObjects(definition, values, { ...release, service: 'Helm', kubeVersion: `v${kubeVersion}` });
  expect(rendered.problems).toBeUndefined();
  return rendered.objects ?? [];
}

function describeBlocks(page: string, version: HelmVersion): void {
  const blocks = valuesBlocksOf(readPage(page));
  let documents: readonly Json[] = [];
  let rendered: readonly ManyResult[] = [];

  beforeAll(() => {
    const texts = blocks.map((block) => block.text);
    documents = readWithGo(version, texts).map(completed);
    rendered = templateMany(version, chart, documents, { release, kubeVersion });
  });

  it.each(blocks.map((block, index) => [nameOf(block), index] as const))('renders %s', (_, index) => {
    const result = rendered[index];
    expect(result).toHaveProperty('objects');
    expect(
      differences(result !== undefined && 'objects' in result ? result.objects : [], evaluate(documents[index] ?? {})),
    ).toEqual([]);
  });
}

describe.each(helmVersions)('on Helm %s the construct and the chart agree on every values block of', (version) => {
  describe("the chart's README", () => {
    describeBlocks('docs/chart/README.md', version);
  });
  describe("the product's README", () => {
    describeBlocks('test/readme/product-readme.md', version);
  });

  it('the example of a parent chart', () => {
    const files = parentFiles('As a Subchart');
    const parent = scratchFolder('parent');
    mkdirSync(join(parent, 'charts'));
    cpSync(chart, join(parent, 'charts/consonant-relayer'), { recursive: true });
    for (const { text } of files) writeFileSync(join(parent, /^# (\S+)/.exec(text)?.[1] ?? ''), text);

    const result = helmTemplate({ version, chart: parent, release, kubeVersion });
    const [, values] = readWithGo(
      version,
      files.map(({ text }) => text),
    );
    const { global, 'consonant-relayer': own } = isJsonMap(values) ? values : {};
    expect(
      differences(result.ok ? result.objects : [], evaluate({ ...(own as object), global: global ?? {} })),
    ).toEqual([]);
    expect(result.ok && result.text).toContain('registry.company.com/consonant/relayer:');
    const off = helmTemplate({
      version,
      chart: parent,
      values: [{ 'consonant-relayer': { enabled: false } }],
      release,
    });
    expect(off.ok && off.objects).toEqual([]);
  });
});

/** The blocks right under a heading. */
function parentFiles(heading: string): readonly Block[] {
  return blocksOf(readPage('docs/chart/README.md')).filter((block) => block.headings.at(-1) === heading);
}

describe.each(helmVersions)('on Helm %s a parent chart with the chart twice', (version) => {
  const parent = scratchFolder('twice');
  const documents = (heading: string): readonly JsonMap[] =>
    parentFiles(heading).map(({ text }) => parse(text) as JsonMap);
  const [chartYaml = {}, first = {}] = documents('As a Subchart');
  const [addition = {}, second = {}] = documents('Twice in one parent');
  const dependencies = [chartYaml, addition].flatMap((one) => one['dependencies'] as readonly Json[]);
  mkdirSync(join(parent, 'charts'));
  cpSync(chart, join(parent, 'charts/consonant-relayer'), { recursive: true });
  writeFileSync(join(parent, 'Chart.yaml'), stringify({ ...chartYaml, dependencies }));
  writeFileSync(join(parent, 'values.yaml'), stringify({ ...first, ...second }));
  const options = { version, chart: parent, release, kubeVersion };

  it('has the objects of both, none twice', () => {
    const result = helmTemplate(options);
    const { global, 'consonant-relayer': own } = first as { readonly [key: string]: object };
    const ours = [own, second['relayer-staging']].flatMap((values) =>
      evaluate({ ...(values as object), global } as Json),
    );
    expect(differences(result.ok ? result.objects : [], ours)).toEqual([]);
    const names = ours.map((object) =>
      JSON.stringify([(object as JsonMap)['kind'], lookUp(object, ['metadata', 'name'])]),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('has one of them where the other is off', () => {
    const off = helmTemplate({ ...options, values: [{ 'relayer-staging': { enabled: false } }] });
    const { global, 'consonant-relayer': own } = first as { readonly [key: string]: object };
    expect(differences(off.ok ? off.objects : [], evaluate({ ...own, global } as Json))).toEqual([]);
  });
});

describe('the values blocks', () => {
  const texts = (page: string): readonly string[] =>
    blocksOf(readPage(page)).map(({ text }) => withoutTrailingBlanks(text));

  it.each([...examples].filter(([name]) => name !== 'prometheus-rule.yaml'))(
    "of the generated README hold the product's %s word for word",
    (_, example) => {
      expect(texts('docs/chart/README.md')).toContain(withoutTrailingBlanks(example));
      expect(texts('test/readme/product-readme.md')).toContain(withoutTrailingBlanks(example));
    },
  );

  it("hold the product's PrometheusRule with the one expression that never fires put right", () => {
    const corrected = withoutTrailingBlanks(examples.get('prometheus-rule.yaml') ?? '').replace(
      'rate(relayer_reconnections_total[5m]) > 2',
      'increase(relayer_reconnections_total[1h]) > 10',
    );
    expect(corrected).toContain('increase');
    expect(texts('docs/chart/README.md')).toContain(corrected);
  });
});

function withoutTrailingBlanks(text: string): string {
  return text.replaceAll(/[ \t]+$/gm, '').trimEnd();
}
