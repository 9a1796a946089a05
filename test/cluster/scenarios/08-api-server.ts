import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { type Json, isJsonMap } from '../../helm/json.ts';
import { fileNameOf } from '../../readme/markdown.ts';
import { readPage } from '../../readme/pages.ts';
import { completed, valuesBlocksOf } from '../../readme/values-blocks.ts';
import { chart, fullName, quickStart, releaseName, setArguments } from '../release.ts';
import type { Scenario, Scene } from '../scenario.ts';

const golden = fileURLToPath(new URL('../golden', import.meta.url));

export const scenarios: readonly Scenario[] = [
  { name: 'documented-values-on-the-api-server', run: everyExampleIsAccepted },
  { name: 'rights-of-the-service-accounts', run: accountsMayDoWhatIsListed },
];

/** The strictest reader of all: unknown fields, wrong types, admission and the `restricted` standard. */
async function everyExampleIsAccepted(scene: Scene): Promise<void> {
  const { kube, namespace, folder } = scene;
  const blocks = valuesBlocksOf(readPage('docs/chart/README.md'));
  assert.ok(blocks.length > 5);
  const problems: string[] = [];
  for (const block of blocks) {
    const values = join(mkdtempSync(join(folder, 'values-')), 'values.yaml');
    writeFileSync(values, stringify(completed(parse(block.text) as Json)));
    const name = fileNameOf(block) ?? `line ${block.line}`;
    const rendered = await kube.tryHelm('4.1', ['template', releaseName, chart, '-n', namespace, '-f', values]);
    // Some blocks show what is refused, or leave out what the test of the README completes otherwise.
    if (rendered.code !== 0) problems.push(`${name}: ${rendered.stderr}`);
    const applied = await kube.tryKubectl(['apply', '--dry-run=server', '--validate=strict', '-f', '-'], {
      input: rendered.stdout,
    });
    if (applied.code !== 0 || /warning/i.test(applied.stderr)) problems.push(`${name}: ${applied.stderr}`);
  }
  assert.deepEqual(problems, []);
}

async function accountsMayDoWhatIsListed(scene: Scene): Promise<void> {
  const { kube, namespace } = scene;
  for (const mode of ['job', 'startup']) {
    const values = [...quickStart, ...setArguments({ 'registration.mode': mode })];
    const manifest = await kube.helm('4.1', ['template', releaseName, chart, '-n', namespace, ...values]);
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
      assertGolden(`rights-${mode}-${account}.txt`, sorted(listed));
    }
    await kube.kubectl(['delete', '-f', '-'], { input: objects.map((one) => stringify(one)).join('---\n') });
  }
}

function groupsOf(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'].map(
    (group) => `--as-group=${group}`,
  );
}

/** The server gives the rows in any order. */
function sorted(table: string): string {
  const [head = '', ...rows] = table
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
  return [head, ...rows.toSorted(), ''].join('\n');
}

/** `CLUSTER_GOLDEN=write` makes them anew. */
function assertGolden(name: string, actual: string): void {
  const path = join(golden, name);
  if (process.env['CLUSTER_GOLDEN'] === 'write') writeFileSync(path, actual);
  assert.ok(existsSync(path), `${name} is one of ${readdirSync(golden).join(', ')}`);
  assert.equal(actual, readFileSync(path, 'utf8'), name);
}
