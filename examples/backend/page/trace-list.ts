import type { VNode } from 'preact';
import type { TraceView } from '../src/viewers/views.ts';
import { formatCount, formatDuration, formatItems, formatTime } from './format.ts';
import { html } from './html.ts';
import { traceKey } from './trace-rows.ts';
import { VirtualList } from './virtual-list.ts';

export interface TraceListProps {
  readonly traces: readonly TraceView[];
  readonly selected: string | undefined;
  readonly onSelect: (trace: TraceView) => void;
  readonly onEnd: () => void;
  readonly onScrolledToTop: (atTop: boolean) => void;
}

const ROW_HEIGHT = 52;

export function TraceList({ traces, selected, onSelect, onEnd, onScrolledToTop }: TraceListProps): VNode {
  return html`<${VirtualList}
    label="Traces"
    items=${traces}
    rowHeight=${ROW_HEIGHT}
    keyOf=${traceKey}
    renderRow=${traceRow}
    selected=${selected}
    onSelect=${onSelect}
    onEnd=${onEnd}
    onScrolledToTop=${onScrolledToTop}
  />`;
}

function traceRow(trace: TraceView): VNode {
  const tokens = trace.inputTokens + trace.outputTokens;
  return html`<div class="trace">
    <div class="trace-top">
      <b class="grow ellipsis"
        >${trace.agents.join(', ') || '(unnamed)'}
        <span class="muted">${' '}${trace.name ?? '(root not here yet)'}</span></b
      >
      <span class="number">${formatDuration(trace.durationUs)}</span>
    </div>
    <div class="trace-bottom muted">
      <span>${formatTime(trace.startUs)}</span>
      <span>${formatItems(trace.spans, 'span')}</span>
      ${tokens > 0 ? html`<span>${formatCount(tokens)} tokens</span>` : null}
      ${trace.errors > 0 ? html`<span class="badge error">${formatItems(trace.errors, 'error')}</span>` : null}
    </div>
  </div>`;
}
