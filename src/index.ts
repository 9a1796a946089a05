/** The public API: the construct and what it takes. The generator behind it is at `./generator`. */
export { ConsonantRelayer, type ConsonantRelayerProps, type RelayerPorts } from './construct/consonant-relayer.ts';
export type { ReleaseProps } from './construct/release.ts';
export { ChartError, type ChartErrorCode, type Problem } from './errors.ts';
export type { ValuesInput } from './values/values.ts';
