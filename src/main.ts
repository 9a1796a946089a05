/** Writes the Helm chart. Run by `npm run synth` and by `cdk8s synth`. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printConsonantChart } from './print-chart.ts';
import { replaceFolder } from './replace-folder.ts';

/** `cdk8s synth` says where its output goes; empty is the same as unset. */
const output = process.env['CDK8S_OUTDIR'] || fileURLToPath(new URL('../chart-out', import.meta.url));

const { name, files } = printConsonantChart();
const folder = join(output, name);
try {
  replaceFolder(folder, files);
  console.log(`${files.size} files in ${folder}`);
} catch (error) {
  console.error(`the chart can't be written to ${folder}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
