// Bundles the backend and the page: dist/main.js and dist/page. Dependencies of the backend stay packages.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');

/** The backend and the simulated agents of the demo, for Node 20. */
export async function buildPrograms() {
  await build({
    entryPoints: { main: join(root, 'src/main.ts'), 'demo-agents': join(root, 'demo/agents.ts') },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outdir: dist,
    logLevel: 'warning',
  });
  writeFileSync(join(dist, 'package.json'), '{ "type": "module" }\n');
}

export async function buildPage(folder = join(dist, 'page')) {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: { page: join(root, 'page/main.ts') },
    bundle: true,
    minify: true,
    sourcemap: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    outdir: folder,
    legalComments: 'linked',
    logLevel: 'warning',
  });
  copyFileSync(join(root, 'page/index.html'), join(folder, 'index.html'));
}

export async function buildAll() {
  mkdirSync(dist, { recursive: true });
  await Promise.all([buildPrograms(), buildPage()]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAll();
