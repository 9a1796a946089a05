import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { definition } from '../../src/resources/definition.ts';
import { type Packed, installed, newProject, pack, packageName, root, run, runNode } from './project.ts';

/** For a machine that does much else; on two idle cores all of it takes about 15 s. */
const timeout = 180_000;
/** Processor time that importing the package may take beside its dependencies: about ten times what it takes. */
const maxLoadMs = 1000;

let packed: Packed;
beforeAll(async () => {
  packed = await pack();
}, timeout);
afterAll(() => {
  rmSync(packed.folder, { recursive: true, force: true });
});

interface PackageJson {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
}
const readJson = (path: string): PackageJson => JSON.parse(readFileSync(path, 'utf8')) as PackageJson;
const filesOf = (folder: string): readonly string[] => readdirSync(folder, { recursive: true }) as string[];

interface Document {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec?: unknown;
}
function documentsIn(file: string): readonly Document[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as Document);
}

describe.concurrent('the packed package', () => {
  it('holds modules, their types, the licence and nothing else', () => {
    const files = filesOf(packed.contents).filter((path) => path.includes('.') || path === 'LICENSE');
    const others = files.filter((path) => !/^dist[/\\].*\.(js|d\.ts)$/.test(path));
    expect(new Set(others)).toEqual(new Set(['LICENSE', 'README.md', 'package.json']));
    expect(files.filter((path) => path.startsWith('dist'))).not.toContain(join('dist', 'main.js'));
  });

  it('has the version of the chart', () => {
    expect(readJson(join(packed.contents, 'package.json')).version).toBe(definition.version);
  });

  it('imports only what it depends on, and of Node only what computes', () => {
    const modules = filesOf(join(packed.contents, 'dist')).filter((path) => path.endsWith('.js'));
    const imports = modules.flatMap((path) => {
      const text = readFileSync(join(packed.contents, 'dist', path), 'utf8');
      return [...text.matchAll(/^(?:import|export) [^;]*?from '([^.'][^']*)'/gm)].map(([, name]) => name);
    });
    const allowed = ['cdk8s', 'cdk8s-plus-28', 'constructs', 'node:crypto', 'yaml', 'zod'];
    expect(new Set(imports)).toEqual(new Set(allowed));
  });

  it('has no complaint from publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: packed.contents, pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it.concurrent('has no complaint from attw', { timeout }, async () => {
    const attw = installed('@arethetypeswrong/cli/dist/index.js');
    const found = await runNode([attw, packed.tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'], root);
    expect(found).toMatchObject({ status: 0 });
  });

  it.concurrent('is imported without side effects, in little time', { timeout }, async () => {
    const project = newProject(packed, 'load', {});
    cpSync(join(import.meta.dirname, 'load-entry.mjs'), join(project, 'load.mjs'));
    const { output } = await runNode(['load.mjs'], project);
    const found = JSON.parse(output) as { ownMs: number; dependenciesMs: number };
    console.log(`the entry point loads in ${found.ownMs} ms, after ${found.dependenciesMs} ms for Node, cdk8s and zod`);
    expect(found).toMatchObject({ touched: [], globals: [], listeners: 0 });
    expect(found.ownMs).toBeLessThan(maxLoadMs);
  });
});

describe.concurrent('the types of the package', () => {
  it.concurrent('refuse what the sources refuse, in a strict ESM project', { timeout }, async () => {
    const project = newProject(packed, 'types', {});
    const fixture = readFileSync(join(root, 'test/construct/types.ts'), 'utf8');
    writeFileSync(join(project, 'types.ts'), fixture.replace('../../src/index.ts', packageName));
    const options = {
      target: 'es2023',
      module: 'nodenext',
      strict: true,
      skipLibCheck: true,
      noEmit: true,
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...options, types: [] } }));
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
    expect(await runNode([installed('typescript/bin/tsc')], project)).toEqual({ status: 0, output: '' });
  });

  it("say of each value what the chart's values.yaml says", () => {
    const types = readFileSync(join(packed.contents, 'dist/values/values.d.ts'), 'utf8');
    expect(types).toMatch(/\* Number of pods\n +\* @default 3\n +\*\/\n +readonly replicas\?: number/);
  });
});

/** The files of `cdk8s init typescript-app` with a relayer in its chart, as CommonJS without a module resolution. */
function initProject(name: string, typescript: string): string {
  const project = newProject(packed, name, { typescript });
  const template = installed('cdk8s-cli/templates/typescript-app');
  cpSync(join(template, 'tsconfig.json'), join(project, 'tsconfig.json'));
  const main = readFileSync(join(template, 'main.ts'), 'utf8');
  const relayer = `
    const relayer = new ConsonantRelayer(this, 'relayer', {
      values: { cluster: { name: 'test-1' }, backend: { url: 'https://example.com' }, cloudflare: { enabled: false }, llm: { provider: 'ollama' } },
      release: { name: 'relayer', namespace: 'telemetry' },
    });
    console.log(relayer.otlpGrpcEndpoint);
  `;
  const added = main
    .replace('// define resources here', relayer)
    .replace('{{ $base }}', 'app')
    .replace(/^/, `import { ConsonantRelayer } from '${packageName}';\n`);
  expect(added).toContain(relayer);
  writeFileSync(join(project, 'main.ts'), added);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name, main: 'main.js', types: 'main.ts' }));
  return project;
}

describe.concurrent('a project that cdk8s init has made', () => {
  it.concurrent('compiles with the package, checks its types and writes its objects', { timeout }, async () => {
    const project = initProject('init', 'typescript-5');
    expect(await runNode([join(project, 'node_modules/typescript/lib/tsc.js'), '--build'], project)).toEqual({
      status: 0,
      output: '',
    });
    expect(readFileSync(join(project, 'main.js'), 'utf8')).toContain(`require("${packageName}")`);
    expect(await runNode(['main.js'], project)).toMatchObject({
      status: 0,
      output: expect.stringContaining('http://relayer-consonant-relayer.telemetry.svc:4317\n') as string,
    });
    const kinds = documentsIn(join(project, 'dist/app.k8s.yaml')).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['Deployment', 'Service', 'NetworkPolicy', 'Job']));
  });
});

describe.concurrent('another construct', () => {
  it('is rendered and printed by what the package publishes', { timeout }, async () => {
    const project = newProject(packed, 'other', { tsx: 'tsx' });
    const fixture = readFileSync(join(import.meta.dirname, 'fixtures/other-chart.ts'), 'utf8');
    writeFileSync(
      join(project, 'other-chart.ts'),
      fixture.replace('../../../src/generator.ts', `${packageName}/generator`),
    );
    const options = {
      target: 'es2023',
      module: 'nodenext',
      strict: true,
      skipLibCheck: true,
      types: ['node'],
      noEmit: true,
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options }));
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
    expect(await runNode([installed('typescript/bin/tsc')], project)).toEqual({ status: 0, output: '' });
    const { output } = await runNode([installed('tsx/dist/cli.mjs'), 'other-chart.ts'], project);
    const { template, objects } = JSON.parse(output) as { template: string; objects: unknown };
    expect(template).toContain('port: {{ .Values.port | int64 }}');
    expect(objects).toMatchObject([
      { metadata: { name: 'a-hello', namespace: 'b' }, spec: { ports: [{ port: 8080 }] } },
    ]);
  });
});

describe.concurrent('the example app', () => {
  it.concurrent('compiles and writes two relayers and a sender that may reach one', { timeout }, async () => {
    const project = newProject(packed, 'example', { 'cdk8s-cli': 'cdk8s-cli', tsx: 'tsx', typescript: 'typescript' });
    mkdirSync(project, { recursive: true });
    for (const file of ['main.ts', 'package.json', 'tsconfig.json', 'cdk8s.yaml']) {
      cpSync(join(root, 'examples/cdk8s-app', file), join(project, file));
    }
    const [compiled, synthesised] = await Promise.all([
      run('npm', ['run', '--silent', 'compile'], project),
      run('npm', ['run', '--silent', 'synth'], project),
    ]);
    expect(compiled).toEqual({ status: 0, output: '' });
    expect(synthesised).toMatchObject({ status: 0 });
    const documents = documentsIn(join(project, 'dist/telemetry.k8s.yaml'));
    const find = (kind: string, namespace: string): readonly Document[] =>
      documents.filter((document) => document.kind === kind && document.metadata.namespace === namespace);
    expect(find('Deployment', 'relayer-staging')).toMatchObject([{ spec: { replicas: 1 } }]);
    expect(find('Deployment', 'relayer-production')).toMatchObject([{ spec: { replicas: 3 } }]);
    expect(JSON.stringify(documents)).not.toContain('helm.sh/hook');
    const policies = find('NetworkPolicy', 'relayer-production');
    expect(policies.find(({ metadata }) => metadata.name.includes('checkout-to-relayer'))?.spec).toEqual({
      podSelector: { matchLabels: expect.objectContaining({ 'app.kubernetes.io/component': 'relayer' }) as unknown },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
              podSelector: { matchLabels: expect.anything() as unknown },
            },
          ],
          ports: [4317, 4318].map((port) => ({ port, protocol: 'TCP' })),
        },
      ],
    });
  });

  it('asks for the versions that the package is tested with', () => {
    const example = JSON.parse(readFileSync(join(root, 'examples/cdk8s-app/package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    for (const name of ['cdk8s', 'cdk8s-plus-28', 'constructs']) {
      expect(example.dependencies[name]).toBe(`^${readJson(join(installed(name), 'package.json')).version}`);
    }
    expect(example.dependencies[packageName]).toBe(`^${readJson(join(root, 'package.json')).version}`);
  });
});
