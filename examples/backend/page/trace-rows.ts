import type { TraceView } from '../src/viewers/views.ts';

export const traceKey = ({ clusterId, traceId }: Pick<TraceView, 'clusterId' | 'traceId'>): string =>
  `${clusterId}/${traceId}`;

/** The newest page over what was loaded before: rows that it no longer holds, but should, are gone. */
export function mergeTraces(page: readonly TraceView[], before: readonly TraceView[], max: number): TraceView[] {
  const end = page.at(-1);
  if (!end) return [];
  const fresh = new Set(page.map(traceKey));
  const older = before.filter((trace) => !fresh.has(traceKey(trace)) && trace.startUs <= end.startUs);
  return [...page, ...older].slice(0, max);
}

/** A further page behind what is there: the newest page may have come meanwhile and moved everything. */
export function appendTraces(before: readonly TraceView[], page: readonly TraceView[]): TraceView[] {
  const known = new Set(before.map(traceKey));
  return [...before, ...page.filter((trace) => !known.has(traceKey(trace)))];
}
