import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withTables } from '../scripts/write-readme-tables.ts';

test('the tables of README.md are those of the sources (npm run docs -w relayer)', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(withTables(readme)).toBe(readme);
  expect(readme).toContain('`QUEUE_FSYNC`');
});
