import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A file of a folder, and an import that the folder must not have. */
const forbidden: readonly (readonly [file: string, from: string])[] = [
  ['src/expression/probe.ts', '../schema/parse.ts'],
  ['src/expression/probe.ts', '../resources/names.ts'],
  ['src/schema/probe.ts', '../manifest/definition.ts'],
  ['src/schema/probe.ts', '../values/values.ts'],
  ['src/kubernetes/probe.ts', '../expression/node.ts'],
  ['src/values/probe.ts', '../resources/names.ts'],
  ['src/values/probe.ts', '../manifest/definition.ts'],
  ['src/manifest/probe.ts', '../resources/names.ts'],
  ['src/manifest/probe.ts', '../values/values.ts'],
  ['src/manifest/probe.ts', '../chart/files.ts'],
  ['src/manifest/probe.ts', '../consonant.ts'],
  ['src/chart/probe.ts', '../values/values.ts'],
  ['src/chart/probe.ts', '../construct/consonant-relayer.ts'],
  ['src/resources/probe.ts', '../expression/print.ts'],
  ['src/resources/probe.ts', '../expression/evaluate.ts'],
  ['src/resources/probe.ts', '../chart/files.ts'],
  ['src/construct/probe.ts', '../chart/files.ts'],
  ['src/construct/probe.ts', '../consonant.ts'],
  ['src/expression/probe.ts', '../generator.ts'],
  ['src/schema/probe.ts', '../generator.ts'],
  ['src/kubernetes/probe.ts', '../generator.ts'],
  ['src/values/probe.ts', '../generator.ts'],
  ['src/manifest/probe.ts', '../generator.ts'],
  ['src/chart/probe.ts', '../generator.ts'],
  ['src/chart/probe.ts', '../print-chart.ts'],
  ['src/chart/probe.ts', '../replace-folder.ts'],
  ['src/resources/probe.ts', '../generator.ts'],
  ['src/construct/probe.ts', '../generator.ts'],
  ['src/construct/probe.ts', '../print-chart.ts'],
  ['src/manifest/evaluate.ts', './block.ts'],
  ['src/expression/print.ts', '../generator.ts'],
  ['src/expression/evaluate.ts', '../print-chart.ts'],
  ['src/expression/print.ts', './evaluate.ts'],
  ['src/expression/evaluate.ts', './print.ts'],
  ['src/manifest/print.ts', '../expression/evaluate.ts'],
  ['src/manifest/evaluate.ts', './print.ts'],
];

const allowed: readonly (readonly [file: string, from: string])[] = [
  ['src/expression/probe.ts', '../errors.ts'],
  ['src/schema/probe.ts', '../expression/node.ts'],
  ['src/manifest/probe.ts', '../schema/parse.ts'],
  ['src/chart/probe.ts', '../manifest/definition.ts'],
  ['src/resources/probe.ts', '../values/references.ts'],
  ['src/construct/probe.ts', '../resources/definition.ts'],
];

type Case = (typeof forbidden)[number];

interface Finding {
  readonly filename: string;
  readonly code: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

/** All cases in one run: each file has one import a line. */
function lint(cases: readonly Case[]): (of: Case) => boolean {
  const folder = mkdtempSync(join(tmpdir(), 'consonant-layers-'));
  try {
    copyFileSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
    const names = new Set(cases.map(([file]) => file));
    const files = new Map([...names].map((name) => [name, cases.filter(([file]) => file === name)] as const));
    for (const [file, imports] of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      const lines = imports.map(([, from], i) => `import { something as probe${i} } from '${from}';`);
      writeFileSync(join(folder, file), lines.join('\n'));
    }
    const binary = join(root, 'node_modules/oxlint/bin/oxlint');
    const args = [binary, '--no-ignore', '--format', 'json', '--config', join(folder, '.oxlintrc.json'), 'src'];
    const run = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: readonly Finding[] };
    const found = new Set(
      diagnostics
        .filter((finding) => finding.code.includes('no-restricted-imports'))
        .map((finding) => `${finding.filename}:${finding.labels[0]?.span.line}`),
    );
    return ([file, from]) => found.has(`${file}:${(files.get(file) ?? []).findIndex((one) => one[1] === from) + 1}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('layer rules', () => {
  const isRefused = lint([...forbidden, ...allowed]);

  test.each(forbidden)('%s may not import %s', (file, from) => {
    expect(isRefused([file, from])).toBe(true);
  });

  test.each(allowed)('%s may import %s', (file, from) => {
    expect(isRefused([file, from])).toBe(false);
  });
});
