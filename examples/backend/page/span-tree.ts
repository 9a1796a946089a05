import type { SpanView } from '../src/viewers/views.ts';

export interface TreeRow {
  readonly span: SpanView;
  readonly depth: number;
}

/**
 * Spans as a tree, depth first, children in the order of their start. A span whose parent isn't there
 * (yet), or that is its own ancestor, stands at the top.
 */
export function arrangeSpans(spans: readonly SpanView[]): TreeRow[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const children = new Map<string, SpanView[]>();
  const tops: SpanView[] = [];
  for (const span of spans) {
    const { parentId } = span;
    if (parentId === null || !known.has(parentId) || parentId === span.spanId) tops.push(span);
    else children.set(parentId, [...(children.get(parentId) ?? []), span]);
  }
  const rows: TreeRow[] = [];
  const placed = new Set<string>();
  const place = (from: readonly SpanView[]): void => {
    const stack = from.toReversed().map((span) => ({ span, depth: 0 }));
    for (let row = stack.pop(); row; row = stack.pop()) {
      if (placed.has(row.span.spanId)) continue;
      placed.add(row.span.spanId);
      rows.push(row);
      const depth = row.depth + 1;
      for (const span of (children.get(row.span.spanId) ?? []).toReversed()) stack.push({ span, depth });
    }
  };
  place(tops);
  // What is left are circles.
  for (const span of spans) if (!placed.has(span.spanId)) place([span]);
  return rows;
}

/** The time that a trace's spans cover. */
export function timeRange(spans: readonly SpanView[]): { readonly startUs: number; readonly durationUs: number } {
  let startUs = Infinity;
  let endUs = -Infinity;
  for (const span of spans) {
    startUs = Math.min(startUs, span.startUs);
    endUs = Math.max(endUs, span.startUs + span.durationUs);
  }
  return spans.length === 0 ? { startUs: 0, durationUs: 1 } : { startUs, durationUs: Math.max(endUs - startUs, 1) };
}
