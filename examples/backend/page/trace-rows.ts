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
