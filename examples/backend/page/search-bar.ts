import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import type { TraceFilter } from '../src/viewers/views.ts';
import { html } from './html.ts';

const SEARCH_DELAY_MS = 250;

export function SearchBar({
  filter,
  onFilter,
}: {
  filter: TraceFilter;
  onFilter: (filter: TraceFilter) => void;
}): VNode {
  const timer = useRef(0);
  const latest = useRef(filter);
  latest.current = filter;
  const onInput = (event: Event): void => {
    const text = (event.target as HTMLInputElement).value.trim() || undefined;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onFilter({ ...latest.current, text }), SEARCH_DELAY_MS);
  };
  const onErrors = (event: Event): void =>
    onFilter({ ...filter, errorsOnly: (event.target as HTMLInputElement).checked });
  return html`<form class="search" role="search" onSubmit=${(event: Event) => event.preventDefault()}>
    <input
      id="search"
      type="search"
      placeholder="Search ( / )"
      aria-label="Search"
      maxlength="500"
      onInput=${onInput}
    />
    <label><input type="checkbox" checked=${filter.errorsOnly ?? false} onChange=${onErrors} /> errors only</label>
  </form>`;
}
