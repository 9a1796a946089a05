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
  const left = ((span.startUs - startUs) / durationUs) * 100;
  const width = Math.max((span.durationUs / durationUs) * 100, 0.3);
  const kind = span.tool ? 'tool' : span.model ? 'model' : 'agent';
  return html`<div class="span">
    <span class="span-name ellipsis" style=${{ paddingLeft: `${Math.min(depth, MAX_INDENT) * 14 + 8}px` }}>
      ${span.failed ? html`<span class="error" title="failed">✕ </span>` : null}${span.name}</span
    >
    <span class="bar-box"
      ><span
        class=${`bar ${span.failed ? 'failed' : kind}`}
        style=${{ left: `${Math.min(left, 99.7)}%`, width: `${Math.min(width, 100 - Math.min(left, 99.7))}%` }}
      ></span>
      <span
        class="bar-label"
        style=${left > 75 ? { right: `${100 - left}%` } : { left: `${Math.min(left + width, 90)}%` }}
      >
        ${formatDuration(span.durationUs)}</span
      ></span
    >
  </div>`;
}
