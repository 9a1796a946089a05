import assert from 'node:assert/strict';
import { blocksOf } from '../readme/markdown.ts';
import { readPage } from '../readme/pages.ts';
import { run } from './command.ts';
import { chart } from './release.ts';
import type { Scene } from './scenario.ts';

/**
 * Runs lines of the chart's README as they stand, with this tree's chart for the published one.
 * @param pattern what of a block; it has to be in one block only
 * @returns what they printed
 */
export async function runReadmeCommands({ kube }: Scene, pattern: RegExp): Promise<string> {
  const texts = blocksOf(readPage('docs/chart/README.md')).flatMap(({ text }) => pattern.exec(text)?.[0] ?? []);
  assert.equal(texts.length, 1, `the README has ${pattern} once`);
  const commands = texts.join('').replaceAll(' consonant/consonant-relayer ', ` ${chart} `);
  return run('bash', ['-e', '-c', commands], { environment: kube.environment, timeoutMs: 300_000 });
}
