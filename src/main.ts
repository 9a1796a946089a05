/** Writes the Helm chart; the only file that touches disk or environment. Run by `npm run synth` and `cdk8s synth`. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printChart } from './chart/files.ts';
import { chartSource } from './consonant.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** `cdk8s synth` says where its output goes. */
const output = process.env['CDK8S_OUTDIR'] ?? join(root, 'chart-out');

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** A reader of the folder sees the old chart or the new one, never half of one. */
function replaceFolder(folder: string, files: ReadonlyMap<string, string>): void {
  mkdirSync(output, { recursive: true });
  const temporary = mkdtempSync(join(output, '.new-'));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(temporary, path)), { recursive: true });
    writeFileSync(join(temporary, path), text);
  }
  chmodSync(temporary, 0o755);
  rmSync(folder, { recursive: true, force: true });
  renameSync(temporary, folder);
}

const source = chartSource({
  readme: read('docs/chart/README.md'),
  files: { LICENSE: read('LICENSE'), 'SECURITY.md': read('docs/chart/SECURITY.md'), 'TROUBLESHOOTING.md': read('docs/chart/TROUBLESHOOTING.md') },
});
const files = printChart(source);
replaceFolder(join(output, source.name), files);
console.log(`${files.size} files in ${join(output, source.name)}`);
