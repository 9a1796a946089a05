/** The three kinds of telemetry. Their index is what the queue's records store. */
export const SIGNALS = ['traces', 'logs', 'metrics'] as const;
export type Signal = (typeof SIGNALS)[number];
