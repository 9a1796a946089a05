import { describe, expect, it } from 'vitest';
import { lookUp } from '../../src/expression/json.ts';
import { definition } from '../../src/resources/definition.ts';
import type { JsonSchema } from '../../src/schema/json-schema.ts';
import { blocksOf, codeSpansOf, proseOf } from './markdown.ts';
import { readPage } from './pages.ts';

const { json, defaults } = definition.schema;
const pages = [
  'README.md',
  'docs/chart/README.md',
  'docs/chart/SECURITY.md',
  'docs/chart/TROUBLESHOOTING.md',
  'docs/readme-corrections.md',
  'docs/design.md',
];

/** Where a dotted path leads in the schema; below a free map anything is allowed. */
function schemaAt(path: readonly string[]): JsonSchema | undefined {
  let at: JsonSchema | undefined = json;
  for (const key of path) {
    if (at?.properties === undefined)
      return at?.type === 'object' && at.additionalProperties !== false ? at : undefined;
    at = at.properties[key];
  }
  return at;
}

/** `relayer.replicas=1`, `values.backend.url` and `secrets.mode` in code spans; file names are none. */
function keysIn(text: string): readonly string[] {
  const first = new RegExp(String.raw`^(${Object.keys(json.properties ?? {}).join('|')})\.[A-Za-z.]+$`);
  return codeSpansOf(text)
    .map((span) => span.replace(/^values\./, '').replace(/=.*$/, ''))
    .filter((span) => first.test(span) && !/\.(md|ts|yaml|json|site)$/.test(span));
}

describe.each(pages)('%s', (page) => {
  it('names only keys that the schema has', () => {
    expect(keysIn(readPage(page)).filter((key) => schemaAt(key.split('.')) === undefined)).toEqual([]);
  });

  it('sets only keys that the schema has', () => {
    const scripts = blocksOf(readPage(page)).filter(({ language }) => language === 'bash');
    const ours = scripts.filter(({ text }) => !text.includes('kagent-dev'));
    const set = ours.flatMap(({ text }) => [...text.matchAll(/--set ([A-Za-z.]+)=/g)].map((match) => match[1] ?? ''));
    expect(set.filter((key) => schemaAt(key.split('.')) === undefined)).toEqual([]);
  });
});

it("the repository's README runs npm scripts that exist", () => {
  const { scripts = {} } = JSON.parse(readPage('package.json')) as { scripts?: Record<string, string> };
  const commands = blocksOf(readPage('README.md')).filter(({ language }) => language === 'bash');
  const named = commands.flatMap(({ text }) =>
    [...text.matchAll(/npm (?:run )?(synth|test)/g)].map(([, name = '']) => name),
  );
  expect(named).toEqual(['synth', 'test']);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

describe("the chart's README", () => {
  const readme = readPage('docs/chart/README.md');
  const alerts = readPage('src/resources/prometheus-rule.ts');
  const panels = readPage('src/resources/dashboard.ts');
  const metricsIn = (text: string): readonly string[] =>
    [...new Set(text.match(/\brelayer_[a-z_]+[a-z]\b/g))].toSorted();

  it('names its own version and that of the relayer', () => {
    expect(readme).toContain(`Chart ${definition.version} · Relayer ${definition.appVersion} · `);
    expect(readme).toContain(`\n  version: ${definition.version}\n`);
  });

  it('has a table of exactly the metrics that alerts and dashboard use', () => {
    const table = readme.split('### Key Metrics')[1]?.split('###')[0] ?? '';
    expect(metricsIn(table)).toEqual(metricsIn(alerts + panels));
  });

  it('shows alerts that the chart installs too', () => {
    const block = blocksOf(readme).find(({ text }) => text.includes('kind: PrometheusRule'))?.text ?? '';
    const shown = [...block.matchAll(/alert: (\w+)\n\s*expr: (.*)/g)].map(([, name, expr]) => [name, expr] as const);
    expect(shown).toEqual([
      ['RelayerBackendDisconnected', 'relayer_backend_connected == 0'],
      ['RelayerHighReconnectionRate', 'increase(relayer_reconnections_total[1h]) > 10'],
    ]);
    for (const [name, expr = ''] of shown) {
      const [before, after] = expr.split(/(?<=relayer_[a-z_]+)(?=[[ ])/);
      expect(alerts).toContain(`name: '${name}',\n    expr: concat('${before}', ours, '${after}'),`);
    }
    expect(alerts.match(/\balert\(\{/g)).toHaveLength(shown.length + 1 + 5);
  });

  it('gives the defaults that the schema has', () => {
    const facts: readonly (readonly [string, unknown])[] = [
      ['registration.mode', 'job'],
      ['registration.ttlSecondsAfterFinished', 3600],
      ['cloudflare.mode', 'connector'],
      ['cloudflare.sidecar.metrics.port', 2000],
      ['relayer.otel.grpcPort', 4317],
      ['relayer.otel.httpPort', 4318],
      ['relayer.health.port', 8080],
      ['secrets.external.paths.llmApiKey.key', 'consonant/llm-api-key'],
      ['secrets.external.paths.tunnelToken.key', 'consonant/tunnel-token'],
      ['kagent.namespaces', ['kagent']],
      ['networkPolicy.egress.kubernetesAPI.ports', [443, 6443]],
    ];
    expect(facts.map(([path]) => [path, lookUp(defaults, path.split('.'))])).toEqual(facts);
  });
});

describe('the corrections', () => {
  const product = readPage('test/readme/product-readme.md');
  const generated = readPage('docs/chart/README.md');
  const rows = readPage('docs/readme-corrections.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith("| Product's README"))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));

  it('say what, what instead, and why', () => {
    expect(rows.length).toBeGreaterThan(25);
    expect(rows.filter((cells) => cells.length !== 3)).toEqual([]);
  });

  it("quote the product's README word for word", () => {
    const quotes = rows.flatMap(([cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''));
    expect(quotes.length).toBeGreaterThan(15);
    expect(quotes.filter((quote) => !product.includes(quote))).toEqual([]);
  });

  it.each([
    'rate(relayer_reconnections_total[5m])',
    'Name: `consonant-backend`',
    'app.kubernetes.io/name=kagent',
    'LLM APIs',
    'Orchestrates',
    'etcd encryption\n',
    'No secrets in Helm values',
    'INSTALLATION_GUIDE',
    'img.shields.io',
    'slack',
  ])('are made: %j is gone', (wrong) => {
    expect(product).toContain(wrong);
    expect(generated).not.toContain(wrong);
  });

  it('leave every heading of the product where it has something under it', () => {
    const headings = (text: string): readonly string[] => proseOf(text).match(/^#{2,4} .*$/gm) ?? [];
    const gone = headings(product).filter((heading) => !headings(generated).includes(heading));
    expect(gone).toEqual(['## Documentation', '### Quick Links', '## Acknowledgments']);
  });
});
