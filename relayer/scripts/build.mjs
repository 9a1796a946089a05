// Bundles the relayer into one file, dist/main.js.
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** @param outfile where the bundle goes */
export async function bundle(outfile = join(root, 'dist/main.js')) {
  await build({
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
    // ws masks with this if it is there. Ours needs no native code: see src/deliver/mask.ts.
    alias: { bufferutil: join(root, 'src/deliver/mask.ts') },
    external: ['utf-8-validate'],
    conditions: ['node'],
    legalComments: 'linked',
    logLevel: 'warning',
  });
  // The image has no package.json that would say so.
  mkdirSync(dirname(outfile), { recursive: true });
  writeFileSync(join(dirname(outfile), 'package.json'), '{ "type": "module" }\n');
  return outfile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outfile = await bundle();
  console.log(`${outfile}: ${(statSync(outfile).size / 1024).toFixed(0)} KiB`);
}
