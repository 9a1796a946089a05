import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { type Configuration, objectsOf, readme, rich } from '../resources/configurations.ts';
import { notesExactly } from '../resources/render.ts';

/**
 * The objects of whole configurations as files, so that a change in one is seen in review. Written anew by
 * `UPDATE_GOLDEN=1 npx vitest run test/golden`.
 */
const configurations: Readonly<Record<string, Configuration>> = { ...readme, ...rich };
const mustUpdate = process.env['UPDATE_GOLDEN'] === '1';

const pathOf = (name: string): string => join(import.meta.dirname, name);

function print(configuration: Configuration): string {
  const options = { lineWidth: 0, aliasDuplicateObjects: false } as const;
  return objectsOf(configuration)
    .map((object) => `---\n${stringify(object, options)}`)
    .join('');
}

/** What the file holds; with UPDATE_GOLDEN=1 it holds the text from now on. */
function golden(file: string, text: string): string {
  if (mustUpdate) writeFileSync(pathOf(file), text);
  return existsSync(pathOf(file)) ? readFileSync(pathOf(file), 'utf8') : 'missing: run with UPDATE_GOLDEN=1';
}

describe('the golden files', () => {
  it.each(Object.entries(configurations))('show the objects of %s', (name, configuration) => {
    const text = print(configuration);
    expect(text).toBe(golden(`${name}.yaml`, text));
  });

  it.each(Object.entries(configurations))('show the notes of %s', (name, { values, release }) => {
    const text = `${notesExactly(values, release)}\n`;
    expect(text).toBe(golden(`${name}.notes.txt`, text));
  });

  it.each(Object.entries(configurations))('read back as the objects of %s', (name, configuration) => {
    const documents = parseAllDocuments(readFileSync(pathOf(`${name}.yaml`), 'utf8'));
    expect(documents.map((one) => one.toJS() as unknown)).toEqual(objectsOf(configuration));
  });

  it('are those of the configurations and no others', () => {
    const expected = Object.keys(configurations).flatMap((name) => [`${name}.notes.txt`, `${name}.yaml`]);
    const found = readdirSync(import.meta.dirname).filter((file) => !file.endsWith('.ts'));
    expect(found.toSorted()).toEqual(expected.toSorted());
  });
});
