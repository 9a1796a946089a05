import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { SpanDetail, SpanKey, TextView } from '../src/viewers/views.ts';
import type { Connection } from './connection.ts';
import { countCharacters, formatCount, formatDuration, formatText } from './format.ts';
import { html } from './html.ts';

export interface SpanPanelProps {
  readonly connection: Connection;
  readonly spanKey: SpanKey;
  readonly span: SpanDetail;
}

/** What a span says: facts, tokens, prompt, completion, then everything else. */
export function SpanPanel({ connection, spanKey, span }: SpanPanelProps): VNode {
  const text = (title: string, column: 'prompt' | 'completion'): VNode | null =>
    span[column] &&
    html`<${LongText}
      key=${`${spanKey.spanId}-${column}`}
      title=${title}
      first=${span[column]}
      more=${(offset: number) => connection.spanText(spanKey, column, offset)}
    />`;
  return html`<section class="span-panel" aria-label="Span">
    <h3>${span.name}</h3>
    ${span.failed ? html`<p class="error-box">${span.statusMessage || 'This span failed.'}</p>` : null}
    <dl>
      ${factsOf(span).map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${text(span.tool ? 'Arguments' : 'Prompt', 'prompt')} ${text(span.tool ? 'Result' : 'Completion', 'completion')}
    ${span.events?.map((event) => attributes(`Event: ${event.name}`, event.attributes))}
    ${span.links?.map((link) => attributes(`Link: span ${link.span_id} of trace ${link.trace_id}`, link.attributes))}
    ${attributes('Attributes', span.attributes)} ${attributes('Resource', span.resource)}
  </section>`;
}

/** What there is of the columns that every span may have. */
function factsOf(span: SpanDetail): [string, string][] {
  const tokens =
    span.inputTokens === null && span.outputTokens === null
      ? null
      : `${formatCount(span.inputTokens ?? 0)} in, ${formatCount(span.outputTokens ?? 0)} out`;
  const facts: [string, string | null][] = [
    ['Duration', formatDuration(span.durationUs)],
    ['Agent', span.agent],
    ['Operation', span.operation],
    ['Model', span.model],
    ['Tokens', tokens],
    ['Tool', span.tool],
    ['Conversation', span.conversationId],
    ['Service', span.service],
    ['Scope', span.scope],
  ];
  return facts.filter((fact): fact is [string, string] => Boolean(fact[1]));
}

function LongText({
  title,
  first,
  more,
}: {
  title: string;
  first: TextView;
  more: (offset: number) => Promise<TextView | null>;
}): VNode {
  const [text, setText] = useState(first.text);
  useEffect(() => setText(first.text), [first.text]);
  const loaded = countCharacters(text);
  const left = first.length - loaded;
  const load = async (): Promise<void> => setText(text + ((await more(loaded))?.text ?? ''));
  return html`<div class="text">
    <h4>${title} <small class="muted">${formatCount(first.length)} characters</small></h4>
    <pre tabindex="0">${left > 0 ? text : formatText(text)}</pre>
    ${left > 0 ? html`<button onClick=${load}>Show more (${formatCount(left)} left)</button>` : null}
  </div>`;
}

function attributes(title: string, values: Readonly<Record<string, unknown>>): VNode {
  const entries = Object.entries(values);
  return html`<details>
    <summary>${title} <small class="muted">${entries.length}</small></summary>
    <table>
      <tbody>
        ${entries.map(
          ([key, value]) =>
            html`<tr>
              <th scope="row">${key}</th>
              <td>${typeof value === 'string' ? value : JSON.stringify(value)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}
