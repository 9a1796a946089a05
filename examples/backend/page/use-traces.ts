import { useEffect, useMemo, useState } from 'preact/hooks';
import type { TraceFilter, TraceView } from '../src/viewers/views.ts';
import type { Connection } from './connection.ts';
import { keyOf, TraceFeed } from './trace-feed.ts';

export interface Traces {
  readonly traces: readonly TraceView[];
  readonly loading: boolean;
  readonly error: string | undefined;
  readonly refresh: () => void;
  readonly loadMore: () => void;
}

const NONE: readonly TraceView[] = [];

/** The list of traces under a filter; rows of another filter are never shown. */
export function useTraces(connection: Connection | undefined, filter: TraceFilter): Traces {
  const [, redraw] = useState(0);
  const key = keyOf(filter);
  const feed = useMemo(
    () =>
      connection &&
      new TraceFeed(
        (asked) => connection.traces(asked),
        () => redraw((before) => before + 1),
      ),
    [connection],
  );
  useEffect(() => feed?.show(filter), [feed, key]);
  useEffect(() => () => feed?.close(), [feed]);
  const shown = feed?.key === key ? feed : undefined;
  return {
    traces: shown?.rows ?? NONE,
    loading: shown?.loading ?? true,
    error: shown?.error,
    refresh: () => feed?.refresh(),
    loadMore: () => void shown?.loadMore(),
  };
}
