import { expect, it } from 'vitest';
import { pageOf } from './table.ts';

const names = ['first', 'second', 'third'];
const rowsOf = (page: string): readonly string[] => page.split('\n').filter((line) => /^\| (?!scenario)\w/.test(line));

it('has a row for each scenario, in their order', () => {
  const page = pageOf(
    [
      { name: 'second', result: 'fail', seconds: 2.6 },
      { name: 'first', result: 'pass', seconds: 1.2 },
    ],
    names,
    '',
  );
  expect(rowsOf(page)).toEqual(['| first | pass | 1 |', '| second | fail | 3 |']);
});

it('keeps the rows of what did not run now, and drops those of what there is no more', () => {
  const before = pageOf(
    [
      { name: 'gone', result: 'pass', seconds: 1 },
      { name: 'first', result: 'fail', seconds: 1 },
      { name: 'third', result: 'skipped', seconds: 0 },
    ],
    ['gone', ...names],
    '',
  );
  const page = pageOf([{ name: 'first', result: 'pass', seconds: 9 }], names, before);
  expect(rowsOf(page)).toEqual(['| first | pass | 9 |', '| third | skipped | 0 |']);
});
