import type { VNode } from 'preact';
import type { LogView } from '../src/viewers/views.ts';
import { formatTime } from './format.ts';
import { html } from './html.ts';

const ERROR_SEVERITY = 17;
const WARN_SEVERITY = 13;
const SHOWN_CHARACTERS = 600;
/** Four severity numbers each, from 1 on. */
const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** Logs of a trace; those of the selected span stand out. */
export function LogPanel({ logs, spanId }: { logs: readonly LogView[]; spanId: string | undefined }): VNode {
  return html`<section class="log-panel" aria-label="Logs">
    <h3>Logs <small class="muted">${logs.length}</small></h3>
    ${logs.length === 0 ? html`<p class="muted">None for this trace.</p>` : null}
    <ol>
      ${logs.map((log) => logItem(log, log.spanId === spanId))}
    </ol>
  </section>`;
}

function logItem(log: LogView, ofSpan: boolean): VNode {
  const level = log.severity >= ERROR_SEVERITY ? 'error' : log.severity >= WARN_SEVERITY ? 'warn' : 'muted';
  const { text, length } = log.body;
  const cut = length > SHOWN_CHARACTERS;
  return html`<li key=${log.id} class=${ofSpan ? 'of-span' : ''}>
    <div>
      <time class="muted">${formatTime(log.timeUs)}</time>
      <b class=${level}>${log.severityText || (SEVERITIES[Math.ceil(log.severity / 4) - 1] ?? 'LOG')}</b>
      ${' '}${log.event ? html`<code>${log.event}</code>` : null}
    </div>
    <pre>${text.slice(0, SHOWN_CHARACTERS)}${cut ? ` … (${length} characters)` : ''}</pre>
  </li>`;
}
