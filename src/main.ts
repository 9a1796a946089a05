/** Writes the Helm chart. Run by `npm run synth` and by `cdk8s synth`. */
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printConsonantChart } from './print-chart.ts';

/** `cdk8s synth` says where its output goes. */
const output = process.env['CDK8S_OUTDIR'] ?? fileURLToPath(new URL('../chart-out', import.meta.url));

/** Who reads the folder sees the old chart or the new one, never half of one. */
function replaceFolder(folder: string, files: ReadonlyMap<string, string>): void {
  mkdirSync(output, { recursive: true });
  const temporary = mkdtempSync(join(output, '.new-'));
  chmodSync(temporary, 0o755);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(temporary, path)), { recursive: true });
    writeFileSync(join(temporary, path), text);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(temporary, folder);
}

const { name, files } = printConsonantChart();
replaceFolder(join(output, name), files);
console.log(`${files.size} files in ${join(output, name)}`);
