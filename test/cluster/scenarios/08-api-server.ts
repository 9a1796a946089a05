import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Chart } from 'cdk8s';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { ConsonantRelayer, type ValuesInput } from '../../../src/index.ts';
import { newChart, readExample } from '../../construct/app.ts';
import { type Json, isJsonMap } from '../../helm/json.ts';
import { nameOf } from '../../readme/markdown.ts';
import { readPage } from '../../readme/pages.ts';
import { completed, valuesBlocksOf } from '../../readme/values-blocks.ts';
import { run } from '../command.ts';
import { createNamespace } from '../made-here.ts';
import { fullName, quickStart, releaseName, render, setArguments } from '../release.ts';
import type { Scenario, Scene } from '../scenario.ts';

const examples = fileURLToPath(new URL('../../construct/examples', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));
const exampleApp = join(root, 'examples/cdk8s-app');
const strictly = ['apply', '--dry-run=server', '--validate=strict'];
const golden = fileURLToPath(new URL('../golden', import.meta.url));

export const scenarios: readonly Scenario[] = [
  { name: 'examples-on-the-api-server', run: everyExampleIsAccepted },
  { name: 'cdk8s-app-on-the-api-server', run: exampleAppIsAccepted },
  { name: 'rights-of-the-service-accounts', run: accountsMayDoWhatIsListed },
];

/** The API server reads strictest of all: unknown fields, wrong types, rules across fields, admission. */
async function everyExampleIsAccepted(scene: Scene): Promise<void> {
  const { kube, namespace } = scene;
  const release = { name: releaseName, namespace };
  const files = readdirSync(examples).map((file) => [file, readExample(file)] as const);
  const blocks = valuesBlocksOf(readPage('docs/chart/README.md')).map((block) => {
    return [nameOf(block), completed(parse(block.text) as Json) as unknown as ValuesInput] as const;
  });
  assert.ok(blocks.length > 10);
  const problems: string[] = [];
  for (const [name, values] of [...files, ...blocks]) {
    const relayer = new ConsonantRelayer(newChart(), 'relayer', { values, release });
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: Chart.of(relayer).toJson() });
    const { code, stderr } = await kube.tryKubectl([...strictly, '-f', '-'], { input });
    if (code !== 0 || stderr !== '') problems.push(`${name}: ${stderr}`);
  }
  assert.deepEqual(problems, []);
}

/** What `npm run synth` writes in examples/cdk8s-app, with this tree for the package. */
async function exampleAppIsAccepted({ kube, folder }: Scene): Promise<void> {
  const tsconfig = join(folder, 'tsconfig.json');
  const paths = { '@consonant/relayer-chart': [join(root, 'src/index.ts')] };
  writeFileSync(tsconfig, JSON.stringify({ extends: join(exampleApp, 'tsconfig.json'), compilerOptions: { paths } }));
  const out = join(folder, 'dist');
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
  const app = ['--tsconfig', tsconfig, join(exampleApp, 'main.ts')];
  await run(process.execPath, [tsx, ...app], { cwd: exampleApp, environment: { CDK8S_OUTDIR: out } });
  const objects = parseAllDocuments(readFileSync(join(out, 'telemetry.k8s.yaml'), 'utf8')).map((one) => one.toJS());
  const namespaces: readonly string[] = objects.flatMap(({ kind, metadata }) =>
    kind === 'Namespace' ? [metadata.name] : [],
  );
  assert.equal(namespaces.length, 3);
  // A dry run makes no namespaces for what comes after them.
  for (const name of namespaces) await createNamespace(kube, name);
  const { code, stderr, stdout } = await kube.tryKubectl([...strictly, '-f', out]);
  // They were not made with `apply`.
  const ours = 'Warning: resource namespaces/';
  const problems = stderr.split('\n').filter((line) => line !== '' && !line.startsWith(ours));
  assert.deepEqual({ code, problems }, { code: 0, problems: [] });
  assert.equal(stdout.trim().split('\n').length, objects.length);
}

async function accountsMayDoWhatIsListed(scene: Scene): Promise<void> {
  const { kube, namespace } = scene;
  for (const mode of ['job', 'startup']) {
    const values = [...quickStart, ...setArguments({ 'registration.mode': mode })];
    const manifest = await render(scene, values);
    const kinds = ['ServiceAccount', 'Role', 'RoleBinding'];
    const documents = manifest.split(/^---$/m).map((text) => parse(text) as Json);
    const objects = documents.filter((one) => isJsonMap(one) && kinds.includes(String(one['kind'])));
    await kube.kubectl(['apply', '-f', '-'], { input: objects.map((one) => stringify(one)).join('---\n') });
    for (const account of mode === 'job' ? [fullName, `${fullName}-register`] : [fullName]) {
      const user = `system:serviceaccount:${namespace}:${account}`;
      const listed = await kube.kubectl([
        'auth',
        'can-i',
        '--list',
        '-n',
        namespace,
        `--as=${user}`,
        ...groupsOf(namespace),
      ]);
      assertGolden(`rights-${mode}-${account}.txt`, rightsIn(listed));
    }
    await kube.kubectl(['delete', '-f', '-'], { input: objects.map((one) => stringify(one)).join('---\n') });
  }
}

function groupsOf(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'].map(
    (group) => `--as-group=${group}`,
  );
}

/** In a fixed order, and without the URLs that every account may read: they belong to the cluster. */
function rightsIn(table: string): string {
  const [head = '', ...rows] = table.trimEnd().split('\n');
  const ofResources = rows.filter((row) => !row.startsWith(' ')).toSorted();
  return [head, ...ofResources, ''].map((row) => row.trimEnd().replaceAll(/ {2,}/g, '  ')).join('\n');
}

/** `CLUSTER_GOLDEN=write` makes them anew. */
function assertGolden(name: string, actual: string): void {
  const path = join(golden, name);
  if (process.env['CLUSTER_GOLDEN'] === 'write') writeFileSync(path, actual);
  assert.ok(existsSync(path), `${name} is one of ${readdirSync(golden).join(', ')}`);
  assert.equal(actual, readFileSync(path, 'utf8'), name);
}
