import { parseArgs } from 'node:util';

export interface Options {
  /** Names of scenarios, given with commas between them. Undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Leaves the cluster up until standard input ends. */
  readonly keep: boolean;
}

export function optionsFrom(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string' }, keep: { type: 'boolean', default: false } },
  });
  return { only: values.only?.split(','), keep: values.keep };
}
