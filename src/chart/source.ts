import type { ChartDefinition } from '../manifest/definition.ts';

/** What Chart.yaml says beside name and versions. */
export interface ChartMetadata {
  readonly description: string;
  /** A SemVer range; write `>=1.24.0-0`, since without `-0` it excludes versions such as `v1.30.1-eks-1`. */
  readonly kubeVersion: string;
  readonly home?: string;
  readonly icon?: string;
  readonly keywords: readonly string[];
  readonly sources: readonly string[];
  readonly maintainers: readonly { readonly name: string; readonly email?: string; readonly url?: string }[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** Where a helper is printed and what its comment says. */
export interface HelperPlacement {
  /** Name of a file in `templates/`; the default is `_helpers.tpl`. */
  readonly file?: string;
  readonly comment?: string;
}

/** Everything that the printing back-end needs to know of a chart. */
export interface ChartSource extends ChartDefinition {
  readonly metadata: ChartMetadata;
  readonly helpers?: Readonly<Record<string, HelperPlacement>>;
  /** Markdown; a line `<!-- values -->` is replaced by the table of values. */
  readonly readme: string;
  /** More files of the chart as they are, by path, such as LICENSE. */
  readonly files?: Readonly<Record<string, string>>;
}
