import { parseArgs } from 'node:util';

export interface Options {
  /** Names of scenarios, given with commas between them, or one by one. Undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Leaves the cluster up until standard input ends. */
  readonly keep: boolean;
  /** Only says what is missing for a run that builds nothing. */
  readonly check: boolean;
  /** Where the outcomes go as JSON. */
  readonly report: string | undefined;
}

/** @throws TypeError that names an argument that there is not */
export function optionsFrom(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true },
      keep: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      report: { type: 'string' },
    },
  });
  return { ...values, only: values.only?.flatMap((names) => names.split(',')), report: values.report };
}
