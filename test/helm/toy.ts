import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A chart with one of everything that the harness must cope with, for its own tests. */
export const toyChart: string = join(dirname(fileURLToPath(import.meta.url)), 'fixtures/toy');
/** Prints the toy chart's problems. */
export const toyProblems = 'toy.problems';
