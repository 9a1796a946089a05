import { readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../src/', import.meta.url);
const FILES = readdirSync(ROOT, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.ts'));

function importsOf(name: string): string[] {
  const text = readFileSync(new URL(name, ROOT), 'utf8');
  return [...text.matchAll(/from '(\.[^']+)'/g)].map(([, path]) =>
    new URL(path as string, new URL(name, ROOT)).pathname.slice(ROOT.pathname.length),
  );
}

/** What each folder may not import. The flow is receive → queue → deliver, joined in relayer.ts. */
const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  receive: ['deliver/', 'queue/', 'register/', 'commands/', 'relayer.ts'],
  deliver: ['receive/', 'register/', 'commands/', 'relayer.ts'],
  queue: ['receive/', 'deliver/', 'register/', 'commands/', 'config/', 'observe/', 'relayer.ts'],
  protocol: ['receive/', 'deliver/', 'queue/', 'register/', 'commands/', 'config/', 'observe/', 'relayer.ts'],
  observe: ['receive/', 'deliver/', 'queue/', 'register/', 'commands/', 'config/', 'protocol/', 'relayer.ts'],
  config: ['receive/', 'deliver/', 'queue/', 'register/', 'commands/', 'observe/', 'relayer.ts'],
  register: ['receive/', 'deliver/', 'queue/', 'commands/', 'relayer.ts'],
};

test('no folder imports what lies behind or beside it', () => {
  for (const [folder, forbidden] of Object.entries(FORBIDDEN)) {
    for (const name of FILES.filter((file) => file.startsWith(`${folder}/`))) {
      for (const path of importsOf(name))
        expect(
          forbidden.some((prefix) => path.startsWith(prefix)),
          `${name} imports ${path}`,
        ).toBe(false);
    }
  }
});

test('no import cycle', () => {
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): void => {
    expect(trail, trail.join(' → ')).not.toContain(name);
    if (done.has(name)) return;
    for (const path of importsOf(name)) visit(path, [...trail, name]);
    done.add(name);
  };
  for (const name of FILES) visit(name, []);
});

test('the environment is read in main.ts only, and only its variables table names variables', () => {
  const readers = FILES.filter((name) => readFileSync(new URL(name, ROOT), 'utf8').includes('process.env'));
  expect(readers).toEqual(['main.ts']);
});

test('the bundle is one file of at most 5 MB', () => {
  expect(statSync(new URL('../dist/main.js', import.meta.url)).size).toBeLessThan(5_000_000);
});
