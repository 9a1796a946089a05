// Generates imports/ from imports/crds/*.yaml: NAME.ts by `cdk8s import`, types/NAME.d.ts from it for `import type`.
//
//   node scripts/import.mjs                   writes the files, removes stale ones
//   node scripts/import.mjs --check           writes nothing; exits 1 with the files that differ
//   node scripts/import.mjs --into FOLDER     generates or checks there instead of in imports/
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const definitions = join(root, 'imports', 'crds');

const { values: options } = parseArgs({
  options: { check: { type: 'boolean', default: false }, into: { type: 'string', default: join(root, 'imports') } },
});
const target = resolve(options.into);
const generated = generate();
const differing = [...new Set([...generated.keys(), ...readGenerated(target).keys()])]
  .filter((path) => generated.get(path) !== readGenerated(target).get(path))
  .sort((a, b) => (a < b ? -1 : 1));

if (options.check) {
  if (differing.length > 0) {
    console.error('These files are not what `node scripts/import.mjs` writes:');
    for (const path of differing) console.error(`  ${relative(process.cwd(), join(target, path))}`);
    process.exitCode = 1;
  }
} else {
  mkdirSync(join(target, 'types'), { recursive: true });
  for (const path of differing) {
    const text = generated.get(path);
    if (text === undefined) rmSync(join(target, path));
    else writeFileSync(join(target, path), text);
  }
}

/** The generated files, by path within imports/: made in a folder of their own that is removed again. */
function generate() {
  const work = mkdtempSync(join(tmpdir(), 'imports-'));
  try {
    const files = readdirSync(definitions)
      .filter((name) => name.endsWith('.yaml'))
      .sort();
    const config = { language: 'typescript', imports: files.map((name) => join(definitions, name)) };
    writeFileSync(join(work, 'cdk8s.yaml'), JSON.stringify(config)); // YAML is a superset of JSON
    runNode(work, 'cdk8s-cli/bin/cdk8s', ['import', '--check-upgrade=false', '--no-save', '--output', '.']);
    declare(work);
    const texts = readGenerated(work);
    for (const name of files) {
      const expected = `${basename(name, '.yaml')}.ts`;
      if (!texts.has(expected))
        throw new Error(`crds/${name} must be named after its API group: no ${expected} came of it`);
    }
    return new Map(
      [...texts].map(([path, text]) => [path, header(path) + (path.endsWith('.d.ts') ? plain(text) : text)]),
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Lets TypeScript declare the imported modules in work/types. */
function declare(work) {
  symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'), 'junction');
  writeFileSync(join(work, 'package.json'), JSON.stringify({ type: 'module' }));
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: '.',
    outDir: 'types',
  };
  const config = { extends: join(root, 'imports', 'tsconfig.json'), compilerOptions, include: ['*.ts'] };
  writeFileSync(join(work, 'tsconfig.json'), JSON.stringify(config));
  runNode(work, 'typescript/bin/tsc', ['-p', '.']);
}

/**
 * Turns the declared types into those of the plain object that the API server gets: an enum becomes the union of its
 * values, an int-or-string class becomes `number | string`, and a property that cdk8s renamed (`openAI` to `openAi`)
 * gets its own name back, which cdk8s notes in the property's comment.
 */
function plain(declarations) {
  return declarations
    .replace(/^export declare enum (\w+) \{\n([^}]*)\}/gm, (_, name, body) => {
      const values = [...body.matchAll(/ = ("[^"]*")/g)].map(([, value]) => value);
      return `export type ${name} = ${values.join(' | ')};`;
    })
    .replace(/^export declare class (\w+) \{\n\s*readonly value: ([^;]+);[^}]*\}/gm, 'export type $1 = $2;')
    .replace(/(@schema \w+#(\w+)\n\s*\*\/\n\s*readonly )\w+(?=\??:)/g, '$1$2');
}

function header(path) {
  return `// Generated from crds/${basename(path).replace(/(\.d)?\.ts$/, '')}.yaml by scripts/import.mjs: do not edit.\n`;
}

/** The generated files of a folder, by path: NAME.ts and types/NAME.d.ts. */
function readGenerated(folder) {
  const names = (path) => {
    try {
      return readdirSync(join(folder, path)).map((name) => (path === '.' ? name : `${path}/${name}`));
    } catch (error) {
      if (error.code === 'ENOENT') return [];
      throw error;
    }
  };
  const paths = [...names('.'), ...names('types')].filter((path) => path.endsWith('.ts'));
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

/** Runs a package's command; its output is shown only when it fails. */
function runNode(cwd, command, args) {
  try {
    execFileSync(process.execPath, [join(root, 'node_modules', command), ...args], {
      cwd,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')} failed:\n${error.stdout}${error.stderr}`, { cause: error });
  }
}
