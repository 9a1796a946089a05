import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { LogView, SpanDetail, SpanKey, SpanView, TraceView } from '../src/viewers/views.ts';
import type { Connection } from './connection.ts';

export interface OpenTrace {
  readonly spans: readonly SpanView[];
  readonly logs: readonly LogView[];
  readonly span: SpanDetail | undefined;
  readonly spanKey: SpanKey | undefined;
  readonly selectSpan: (spanId: string) => void;
  readonly refresh: () => void;
}

/** The selected trace with its logs, and the selected span of it. */
export function useTrace(connection: Connection | undefined, trace: TraceView | undefined): OpenTrace {
  const [spans, setSpans] = useState<readonly SpanView[]>([]);
  const [logs, setLogs] = useState<readonly LogView[]>([]);
  const [spanId, setSpanId] = useState<string>();
  const { clusterId, traceId } = trace ?? { clusterId: undefined, traceId: undefined };
  const shown = useRef<string>(undefined);
  shown.current = traceId;

  const refresh = useCallback(async () => {
    if (!connection || !clusterId || !traceId) return;
    const [newSpans, newLogs] = await Promise.all([
      connection.spans(clusterId, traceId),
      connection.logs({ clusterId, traceId, limit: 200 }),
    ]).catch(() => [undefined, undefined] as const);
    if (!newSpans || !newLogs || shown.current !== traceId) return;
    setSpans(newSpans);
    setLogs(newLogs);
    setSpanId((selected) => selected ?? mostTelling(newSpans)?.spanId);
  }, [connection, clusterId, traceId]);

  useEffect(() => {
    setSpans([]);
    setLogs([]);
    setSpanId(undefined);
    void refresh();
  }, [refresh]);

  const spanKey = clusterId && traceId && spanId ? { clusterId, traceId, spanId } : undefined;
  const span = useSpan(connection, spanKey);
  return { spans, logs, span, spanKey, selectSpan: setSpanId, refresh: () => void refresh() };
}

function useSpan(connection: Connection | undefined, key: SpanKey | undefined): SpanDetail | undefined {
  const [span, setSpan] = useState<SpanDetail>();
  useEffect(() => {
    if (!connection || !key) return setSpan(undefined);
    let current = true;
    connection.span(key).then(
      (detail) => current && setSpan(detail ?? undefined),
      () => undefined,
    );
    return () => void (current = false);
  }, [connection, key?.clusterId, key?.traceId, key?.spanId]);
  return span;
}

/** What to show before anything is chosen: what failed last and deepest, else the first call of a model. */
function mostTelling(spans: readonly SpanView[]): SpanView | undefined {
  return spans.findLast(({ failed }) => failed) ?? spans.find(({ model }) => model !== null) ?? spans[0];
}
