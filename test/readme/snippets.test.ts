import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type HelmVersion, helmVersions } from '../helm/binaries.ts';
import { differences } from '../helm/compare.ts';
import { type Json, isJsonMap } from '../helm/json.ts';
import { readWithGo } from '../helm/objects.ts';
import { scratchFolder } from '../helm/scratch.ts';
import { helmTemplate } from '../helm/template.ts';
import { blocksOf } from './markdown.ts';
import { chart, readPage, root } from './pages.ts';

/** A checkout of sorts: the snippets where the pages say they are, and our sources where they look for them. */
const checkout = scratchFolder('checkout');
const app = blocksOf(readPage('README.md')).find(({ language }) => language === 'ts')?.text ?? '';
const greeter = blocksOf(readPage('docs/design.md')).find(({ text }) => text.includes('printChart('))?.text ?? '';

const greeterValues: Json = { greeting: 'Hello: {{ world }}\n---\n', loud: true, labels: { release: 'mine', y: 'no' } };
/** Prints what the evaluating back-end makes of the example. */
const evaluateGreeter = `
import { renderObjects } from '../src/manifest/definition.ts';
import { greeter } from './greeter.ts';
const release = { name: 'hi', namespace: 'ns', service: 'Helm', kubeVersion: 'v1.30.0' };
console.log(JSON.stringify(renderObjects(greeter, ${JSON.stringify(greeterValues)}, release).objects));
`;

function run(file: string): string {
  const tsx = join(root, 'node_modules/.bin/tsx');
  return execFileSync(tsx, ['--tsconfig', join(checkout, 'tsconfig.json'), file], { cwd: checkout, encoding: 'utf8' });
}

beforeAll(() => {
  for (const name of ['src', 'imports', 'node_modules']) symlinkSync(join(root, name), join(checkout, name));
  mkdirSync(join(checkout, 'docs'));
  writeFileSync(join(checkout, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(checkout, 'docs/greeter.ts'), greeter);
  writeFileSync(join(checkout, 'docs/evaluate.ts'), evaluateGreeter);
  writeFileSync(join(checkout, 'app.ts'), app);
  const paths = { '@consonant/relayer-chart': [join(root, 'src/index.ts')] };
  const compilerOptions = { noEmit: true, paths, typeRoots: [join(root, 'node_modules/@types')] };
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['app.ts', 'docs/*.ts'] };
  writeFileSync(join(checkout, 'tsconfig.json'), JSON.stringify(config));
});

it('the snippets compile', () => {
  const compiled = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', checkout], { encoding: 'utf8' });
  expect(compiled.stdout + compiled.stderr).toBe('');
});

describe("the app of the repository's README", () => {
  const release = { name: 'consonant-prod', namespace: 'consonant-system' };
  const values = {
    cluster: { name: 'production-us-east-1', environment: 'production' },
    backend: { url: 'https://consonant.company.com' },
    registration: { mode: 'startup' },
    tests: { enabled: false },
    cloudflare: { existingSecret: 'consonant-tunnel' },
    llm: { existingSecret: 'consonant-llm' },
  };
  let objects: readonly Json[] = [];

  beforeAll(() => {
    run('app.ts');
    const written = readdirSync(join(checkout, 'dist')).map((name) =>
      readFileSync(join(checkout, 'dist', name), 'utf8'),
    );
    objects = readWithGo('4.1', written);
  });

  it.each(helmVersions)('makes the objects that Helm %s renders for the same values', (version) => {
    const rendered = helmTemplate({ version, chart, values: [values], release, kubeVersion: '1.28.0' });
    const ours = objects.filter((object) => nameOf(object).startsWith('consonant-prod'));
    const byCdk8s = readWithGo(version, [
      rendered.ok ? rendered.text.replaceAll('managed-by: "Helm"', 'managed-by: cdk8s') : '',
    ]);
    expect(ours.length).toBeGreaterThan(5);
    expect(differences(byCdk8s.map(withLabel), ours)).toEqual([]);
  });

  it('names the relayer as the peer of a NetworkPolicy', () => {
    const policy = objects.find((object) => nameOf(object).startsWith('telemetry-agents'));
    expect(policy).toMatchObject({
      spec: {
        egress: [
          {
            ports: [{ port: 4317, protocol: 'TCP' }],
            to: [
              {
                namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'consonant-system' } },
                podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'consonant-prod' } },
              },
            ],
          },
        ],
      },
    });
  });
});

function nameOf(object: Json): string {
  const metadata = isJsonMap(object) && isJsonMap(object['metadata']) ? object['metadata'] : {};
  return String(metadata['name']);
}

/** Merged labels are printed without quotes. */
function withLabel(object: Json): Json {
  return JSON.parse(JSON.stringify(object).replaceAll('managed-by":"Helm"', 'managed-by":"cdk8s"')) as Json;
}

describe('the chart that docs/design.md publishes', () => {
  const rendered = (version: HelmVersion): ReturnType<typeof helmTemplate> =>
    helmTemplate({
      version,
      chart: join(checkout, 'greeter'),
      values: [greeterValues],
      release: { name: 'hi', namespace: 'ns' },
      kubeVersion: '1.30.0',
    });
  let evaluated: readonly Json[] = [];

  beforeAll(() => {
    evaluated = JSON.parse(run('docs/evaluate.ts')) as readonly Json[];
  });

  it('takes 30 lines at most', () => {
    expect(greeter.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(30);
  });

  it.each(helmVersions)('follows the law on Helm %s', (version) => {
    const result = rendered(version);
    expect(result).toMatchObject({ ok: true });
    expect(evaluated).toHaveLength(1);
    expect(differences(result.ok ? result.objects : [], evaluated)).toEqual([]);
  });

  it('has a README with the table of its values', () => {
    const readme = readFileSync(join(checkout, 'greeter/README.md'), 'utf8');
    expect(readme).toContain('| `greeting` | text | **required** | What the page says |');
  });
});
