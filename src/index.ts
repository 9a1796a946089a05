/** The public API: the construct, and the core with which another construct can be published as a chart. */
export { ConsonantRelayer, type ConsonantRelayerProps } from './construct/consonant-relayer.ts';
export type { ReleaseProps } from './construct/release.ts';
export { ChartError, type ChartErrorCode, type Problem } from './errors.ts';
export type { Values, ValuesInput } from './values/values.ts';
export { Values as valuesSchema } from './values/values.ts';
