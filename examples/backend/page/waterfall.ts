import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { SpanView } from '../src/viewers/views.ts';
import { formatDuration } from './format.ts';
import { html } from './html.ts';
import { arrangeSpans, timeRange, type TreeRow } from './span-tree.ts';
import { VirtualList } from './virtual-list.ts';

export interface WaterfallProps {
  readonly spans: readonly SpanView[];
  readonly selected: string | undefined;
  readonly onSelect: (spanId: string) => void;
}

const ROW_HEIGHT = 28;
const MAX_INDENT = 12;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** A trace's spans as bars over its time. */
export function Waterfall({ spans, selected, onSelect }: WaterfallProps): VNode {
  const rows = useMemo(() => arrangeSpans(spans), [spans]);
  const range = useMemo(() => timeRange(spans), [spans]);
  return html`<div class="waterfall">
    <div class="ruler" aria-hidden="true">
      <span class="span-name"></span
      ><span class="ticks"> ${TICKS.map((tick) => html`<span>${formatDuration(range.durationUs * tick)}</span>`)}</span>
    </div>
    <${VirtualList}
      label="Spans"
      items=${rows}
      rowHeight=${ROW_HEIGHT}
      keyOf=${(row: TreeRow) => row.span.spanId}
      renderRow=${(row: TreeRow) => spanRow(row, range)}
      selected=${selected}
      onSelect=${(row: TreeRow) => onSelect(row.span.spanId)}
    />
  </div>`;
}

function spanRow({ span, depth }: TreeRow, { startUs, durationUs }: ReturnType<typeof timeRange>): VNode {
  const left = Math.min(((span.startUs - startUs) / durationUs) * 100, 99.7);
  const width = Math.min(Math.max((span.durationUs / durationUs) * 100, 0.3), 100 - left);
  const label = placeLabel(left, width);
  const kind = span.tool ? 'tool' : span.model ? 'model' : 'agent';
  return html`<div class="span">
    <span class="span-name ellipsis" style=${{ paddingLeft: `${Math.min(depth, MAX_INDENT) * 14 + 8}px` }}>
      ${span.failed ? html`<span class="error" title="failed">✕ </span>` : null}${span.name}</span
    >
    <span class="bar-box"
      ><span class=${`bar ${span.failed ? 'failed' : kind}`} style=${{ left: `${left}%`, width: `${width}%` }}></span>
      <span class=${label.class} style=${label.style}>${formatDuration(span.durationUs)}</span></span
    >
  </div>`;
}

/** Behind the bar where there is room, else before it, else in it. */
function placeLabel(left: number, width: number): { class: string; style: Record<string, string> } {
  const end = left + width;
  if (end < 88) return { class: 'bar-label', style: { left: `${end}%` } };
  if (left > 14) return { class: 'bar-label', style: { right: `${100 - left}%` } };
  return { class: 'bar-label inside', style: { right: `${100 - end}%` } };
}
