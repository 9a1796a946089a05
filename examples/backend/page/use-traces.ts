import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { TraceFilter, TraceView } from '../src/viewers/views.ts';
import type { Connection } from './connection.ts';
import { mergeTraces, traceKey } from './trace-rows.ts';

const PAGE = 60;
const MAX_ROWS = 5_000;
const MIN_REFRESH_MS = 900;
const NONE: readonly TraceView[] = [];

export interface Traces {
  readonly traces: readonly TraceView[];
  readonly loading: boolean;
  readonly error: string | undefined;
  /** The newest page again, at most about once a second however often it is called. */
  readonly refresh: () => void;
  readonly loadMore: () => void;
}

/** The list of traces under a filter: pages from the database, the newest one over and over. */
export function useTraces(connection: Connection | undefined, filter: TraceFilter): Traces {
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<string>();
  const key = JSON.stringify(filter);
  const [held, setHeld] = useState<{ readonly key: string; readonly rows: readonly TraceView[] }>({ key, rows: NONE });
  // Rows of another filter are never shown, nor continued.
  const traces = held.key === key ? held.rows : NONE;
  const state = useRef({ key, running: false, again: false, ended: false, more: false });

  const load = useCallback(async () => {
    const current = state.current;
    if (!connection) return;
    if (current.running) return void (current.again = true);
    current.running = true;
    const asked = current.key;
    try {
      const page = await connection.traces({ ...(JSON.parse(asked) as TraceFilter), limit: PAGE });
      if (state.current.key === asked) {
        setHeld((before) => ({
          key: asked,
          rows: mergeTraces(page, before.key === asked ? before.rows : NONE, MAX_ROWS),
        }));
        setError(undefined);
      }
    } catch (failure) {
      setError((failure as Error).message);
    }
    setLoading(false);
    const wait = state.current.key === asked ? MIN_REFRESH_MS : 0;
    setTimeout(() => {
      current.running = false;
      if (current.again) {
        current.again = false;
        void load();
      }
    }, wait);
  }, [connection]);

  useEffect(() => {
    Object.assign(state.current, { key, ended: false, again: state.current.running });
    setLoading(true);
    void load();
  }, [connection, key]);

  const loadMore = useCallback(async () => {
    const current = state.current;
    const after = traces.at(-1)?.cursor;
    if (!connection || current.more || current.ended || !after || traces.length >= MAX_ROWS) return;
    current.more = true;
    const asked = key;
    try {
      const page = await connection.traces({ ...(JSON.parse(asked) as TraceFilter), after, limit: PAGE * 2 });
      if (current.key === asked) {
        current.ended = page.length === 0;
        setHeld((before) => {
          if (before.key !== asked) return before;
          // The newest page may have come meanwhile and moved everything.
          const known = new Set(before.rows.map(traceKey));
          return { key: asked, rows: [...before.rows, ...page.filter((trace) => !known.has(traceKey(trace)))] };
        });
      }
    } catch (failure) {
      setError((failure as Error).message);
    } finally {
      current.more = false;
    }
  }, [connection, traces, key]);

  return { traces, loading, error, refresh: () => void load(), loadMore: () => void loadMore() };
}
