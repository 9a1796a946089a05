// Bundles the relayer into one file, dist/main.js.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** @param outfile where the bundle goes */
export async function bundle(outfile = join(root, 'dist/main.js')) {
  const { metafile } = await build({
    metafile: true,
    entryPoints: [join(root, 'src/main.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile,
    // CommonJS dependencies call require() for Node's own modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    external: ['bufferutil', 'utf-8-validate'],
    conditions: ['node'],
    legalComments: 'none',
    logLevel: 'warning',
  });
  // The image has no package.json that would say so.
  mkdirSync(dirname(outfile), { recursive: true });
  writeFileSync(join(dirname(outfile), 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(dirname(outfile), 'LICENSES.txt'), licencesOf(Object.keys(metafile.inputs)));
  return outfile;
}

/** The licence texts of the packages whose files are in the bundle. */
function licencesOf(inputs) {
  const packages = new Set(
    inputs.map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean),
  );
  const texts = [...packages].sort().map((directory) => {
    const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file && existsSync(join(directory, file)) ? readFileSync(join(directory, file), 'utf8').trim() : '';
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return texts.join(`\n${'─'.repeat(80)}\n\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outfile = await bundle();
  console.log(`${outfile}: ${(statSync(outfile).size / 1024).toFixed(0)} KiB`);
}
