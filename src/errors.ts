/** Why the generator refuses to go on. */
export type ChartErrorCode =
  /** The values, or the release they are rendered for, break the schema or a rule. */
  | 'invalid-values'
  /** A zod schema has something that Helm's JSON schema can't say with the same meaning. */
  | 'schema-not-portable'
  /** A manifest has something that can't be printed as a template with the same meaning. */
  | 'not-printable';

/** One thing that is wrong, and where. */
export interface Problem {
  /** Dotted path in the values, such as `relayer.replicas`; empty when it concerns several keys. */
  readonly path: string;
  /** What is wrong and what to do, without the value itself (it may be a secret). */
  readonly message: string;
}

/** The package's only error class. `problems` holds every problem found, never just the first. */
export class ChartError extends Error {
  override readonly name = 'ChartError';
  readonly code: ChartErrorCode;
  readonly problems: readonly Problem[];

  constructor(
    code: ChartErrorCode,
    summary: string,
    problems: readonly Problem[] = [],
    // Not ErrorOptions: projects with an older `lib` do not know that type.
    options?: { readonly cause?: unknown },
  ) {
    super([summary, ...problems.map(describeProblem)].join('\n- '), options);
    this.code = code;
    this.problems = problems;
  }
}

/** `relayer.replicas` must be …; a message that names its keys itself stands alone. */
export function describeProblem(problem: Problem): string {
  return problem.path === '' ? problem.message : `\`${problem.path}\` ${problem.message}`;
}
