// Makes the declarations that tsc has written to dist/ fit for projects that check their dependencies, as those of
// `cdk8s init typescript-app` do (CommonJS, lib es2016, no esModuleInterop): zod's declarations do not compile there.
//
// 1. `ValuesInput` is written out as plain types, with the schema's descriptions, in place of zod's inference.
// 2. Declarations that no entry point reaches are removed; `.ts` in the others' imports becomes `.js`.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript-5';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const { exports: entries } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const scalars = {
  [ts.TypeFlags.String]: 'string',
  [ts.TypeFlags.Number]: 'number',
  [ts.TypeFlags.Boolean]: 'boolean',
  [ts.TypeFlags.Null]: 'null',
  [ts.TypeFlags.Never]: 'never',
  [ts.TypeFlags.NonPrimitive]: 'object',
};

writeFileSync(join(dist, 'values/values.d.ts'), await printValuesInput());
keepReachable(Object.values(entries).flatMap((entry) => entry.types ?? []));

async function printValuesInput() {
  const { schema } = await import(pathToFileURL(join(dist, 'values/references.js')).href);
  const file = join(root, 'src/values/values.ts');
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')).config;
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const found = checker
    .getExportsOfModule(checker.getSymbolAtLocation(source))
    .find(({ name }) => name === 'ValuesInput');
  const text = printType(checker, checker.getDeclaredTypeOfSymbol(found), schema.json, 0);
  return `/** The values as a user gives them. */\nexport interface ValuesInput ${text}\n`;
}

/** A type without names: every reference is written out. */
function printType(checker, type, schema, depth) {
  const { flags } = type;
  if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return 'unknown';
  if (flags & ts.TypeFlags.StringLiteral) return JSON.stringify(type.value);
  if (flags & (ts.TypeFlags.BooleanLiteral | ts.TypeFlags.NumberLiteral)) return checker.typeToString(type);
  for (const [flag, name] of Object.entries(scalars)) if (flags & Number(flag)) return name;
  if (type.isUnion()) return printUnion(checker, type, schema, depth);
  if (checker.isArrayType(type)) {
    const [item] = checker.getTypeArguments(type);
    return `readonly (${printType(checker, item, schema?.items, depth)})[]`;
  }
  if (flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) return printObject(checker, type, schema, depth);
  throw new TypeError(`no plain form of ${checker.typeToString(type)}`);
}

function printUnion(checker, type, schema, depth) {
  const members = type.types.filter(({ flags }) => !(flags & ts.TypeFlags.Undefined));
  const texts = new Set(members.map((member) => printType(checker, member, schema, depth)));
  return [...texts].join(' | ').replace('false | true', 'boolean');
}

function printObject(checker, type, schema, depth) {
  const indent = '  '.repeat(depth + 1);
  const all = checker.getPropertiesOfType(type);
  const isOptional = (property) => (property.flags & ts.SymbolFlags.Optional) !== 0;
  const properties = all.map((property) => {
    const part = schema?.properties?.[property.name];
    const name = /^[A-Za-z_$][\w$]*$/.test(property.name) ? property.name : JSON.stringify(property.name);
    const value = printType(checker, checker.getTypeOfSymbol(property), part, depth + 1);
    return `${printDescription(part, indent)}${indent}readonly ${name}${isOptional(property) ? '?' : ''}: ${value}${isOptional(property) ? ' | undefined' : ''};\n`;
  });
  const indexes = checker.getIndexInfosOfType(type).map((index) => {
    const value = printType(checker, index.type, schema?.additionalProperties, depth + 1);
    // An optional property must fit into the index signature beside it.
    return `${indent}readonly [key: string]: ${value}${all.some(isOptional) ? ' | undefined' : ''};\n`;
  });
  return `{\n${[...properties, ...indexes].join('')}${'  '.repeat(depth)}}`;
}

function printDescription(schema, indent) {
  if (schema?.description === undefined) return '';
  const lines = [schema.description];
  if (schema.default !== undefined) lines.push(`@default ${JSON.stringify(schema.default)}`);
  const text = lines.map((line) => `${indent} * ${line.replaceAll('*/', '*\\/')}\n`).join('');
  return `${indent}/**\n${text}${indent} */\n`;
}

function keepReachable(files) {
  const reached = new Set();
  for (const queue = files.map((file) => join(root, file)); queue.length > 0;) {
    const file = queue.pop();
    if (reached.has(file)) continue;
    reached.add(file);
    const text = readFileSync(file, 'utf8').replaceAll(/(from |import\()(['"])(\.[^'"]+)\.ts\2/g, '$1$2$3.js$2');
    writeFileSync(file, text);
    for (const [, path] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.js['"]/g)) {
      queue.push(join(dirname(file), `${path}.d.ts`));
    }
  }
  for (const path of readdirSync(dist, { recursive: true })) {
    const file = join(dist, path);
    if (path.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
  }
  console.log(`${reached.size} declaration files`);
}
