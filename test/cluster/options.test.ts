import { expect, test } from 'vitest';
import { optionsFrom } from './options.ts';
import { chosenFrom } from './scenarios.ts';

const all = ['first', 'second', 'third'].map((name) => ({ name, run: async () => undefined }));
const chosenBy = (...args: readonly string[]): readonly string[] =>
  chosenFrom(all, optionsFrom(args).only).map(({ name }) => name);

test('without names all scenarios are chosen; names come with commas or one by one, in any order', () => {
  expect(chosenBy()).toEqual(['first', 'second', 'third']);
  expect(chosenBy('--only', 'third,first')).toEqual(['first', 'third']);
  expect(chosenBy('--only', 'third', '--only=first', '--only', 'first')).toEqual(['first', 'third']);
});

test('a name that no scenario has is an error, also beside one that is right', () => {
  const message = 'no scenario secnod: there are first, second, third';
  expect(() => chosenBy('--only', 'first,secnod')).toThrow(message);
  expect(() => chosenBy('--only', '')).toThrow('no scenario ');
  expect(() => chosenBy('--only', 'first,')).toThrow('no scenario ');
});

test('an option that there is not is an error', () => {
  expect(() => optionsFrom(['--olny', 'first'])).toThrow('--olny');
  expect(() => optionsFrom(['first'])).toThrow('first');
});
