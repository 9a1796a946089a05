import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Overview, TraceFilter, TraceView } from '../src/viewers/views.ts';
import { Connection, keepToken, takeToken, type ConnectionState } from './connection.ts';
import { formatBytes, formatCount, formatDuration } from './format.ts';
import { html } from './html.ts';
import { LogPanel } from './log-panel.ts';
import { Login } from './login.ts';
import { Sidebar } from './sidebar.ts';
import { timeRange } from './span-tree.ts';
import { SpanPanel } from './span-panel.ts';
import { toggleTheme } from './theme.ts';
import { ThroughputChart, ThroughputHistory } from './throughput.ts';
import { TraceList } from './trace-list.ts';
import { traceKey } from './trace-rows.ts';
import { useTrace } from './use-trace.ts';
import { useTraces } from './use-traces.ts';
import { Waterfall } from './waterfall.ts';

const OVERVIEW_INTERVAL_MS = 2_000;
const SEARCH_DELAY_MS = 250;
const STATES: Readonly<Record<ConnectionState, string>> = {
  connecting: 'connecting …',
  live: 'live',
  lost: 'connection lost, trying again …',
  unauthorized: 'not logged in',
};

export function App(): VNode {
  const [token, setToken] = useState(takeToken);
  const [state, setState] = useState<ConnectionState>('connecting');
  if (!token || state === 'unauthorized') {
    const login = (given: string): void => {
      keepToken(given);
      setState('connecting');
      setToken(given);
    };
    return html`<${Login} refused=${state === 'unauthorized' && token !== ''} onToken=${login} />`;
  }
  return html`<${Live} key=${token} token=${token} state=${state} onState=${setState} />`;
}

interface LiveProps {
  readonly token: string;
  readonly state: ConnectionState;
  readonly onState: (state: ConnectionState) => void;
}

/** Everything behind the login. */
function Live({ token, state, onState }: LiveProps): VNode {
  const history = useMemo(() => new ThroughputHistory(), []);
  const [version, setVersion] = useState(0);
  const [filter, setFilter] = useState<TraceFilter>({});
  const [selected, setSelected] = useState<TraceView>();
  const [overview, setOverview] = useState<Overview>({ clusters: [], agents: [] });
  const [atTop, setAtTop] = useState(true);
  const [connection, setConnection] = useState<Connection>();
  const traces = useTraces(connection, filter);
  const trace = useTrace(connection, selected);
  // What a pulse does, as of the last time this was drawn.
  const onPulse = useRef<(changed: readonly string[]) => void>(() => undefined);
  onPulse.current = (changed) => {
    if (atTop && changed.length > 0) traces.refresh();
    if (selected && changed.includes(selected.traceId)) trace.refresh();
  };

  useEffect(() => {
    const made = new Connection(token, onState, (pulse, changed) => {
      history.add(pulse);
      setVersion((before) => before + 1);
      onPulse.current(changed);
    });
    setConnection(made);
    return () => made.close();
  }, [token]);
  useEffect(() => {
    if (state !== 'live' || !connection) return undefined;
    // After a reconnection everything may have changed.
    const load = (): void => void connection.overview().then(setOverview, () => undefined);
    load();
    traces.refresh();
    trace.refresh();
    const timer = setInterval(load, OVERVIEW_INTERVAL_MS);
    return () => clearInterval(timer);
  }, [state, connection]);
  useShortcuts(() => setFilter((before) => ({ ...before, errorsOnly: !before.errorsOnly })));

  return html`<div class="page">
    <${Header} state=${state} history=${history} version=${version} />
    <${Sidebar}
      overview=${overview}
      clusterId=${filter.clusterId}
      agent=${filter.agent}
      onCluster=${(clusterId: string | undefined) => setFilter({ ...filter, clusterId, agent: undefined })}
      onAgent=${(agent: string | undefined) => setFilter({ ...filter, agent })}
    />
    <main class="traces" aria-label="Traces">
      <${SearchBar} filter=${filter} onFilter=${setFilter} />
      ${traces.error ? html`<p class="notice error" role="alert">The list could not be loaded: ${traces.error}</p>` : null}
      ${traces.traces.length === 0 ? html`<p class="notice muted">${traces.loading ? 'Loading …' : 'No trace matches.'}</p>` : null}
      <${TraceList}
        traces=${traces.traces}
        selected=${selected && traceKey(selected)}
        onSelect=${setSelected}
        onEnd=${traces.loadMore}
        onScrolledToTop=${setAtTop}
      />
      ${atTop ? null : html`<p class="notice muted">Live updates go on at the top of the list.</p>`}
    </main>
    <section class="detail" aria-label="Trace">
      ${selected ? traceDetail(selected, trace, connection) : html`<p class="notice muted">Choose a trace. <kbd>/</kbd> searches, arrow keys move, <kbd>e</kbd> shows errors only.</p>`}
    </section>
  </div>`;
}

function traceDetail(
  selected: TraceView,
  trace: ReturnType<typeof useTrace>,
  connection: Connection | undefined,
): VNode {
  const { spans, logs, span, spanKey, selectSpan } = trace;
  return html`<div class="trace-detail">
    <h2 class="ellipsis">
      ${selected.agents.join(', ') || '(unnamed)'}
      <small class="muted"
        >${selected.traceId} · ${' '}${spans.length} spans · ${formatDuration(timeRange(spans).durationUs)}</small
      >
    </h2>
    <${Waterfall} key=${traceKey(selected)} spans=${spans} selected=${spanKey?.spanId} onSelect=${selectSpan} />
    <div class="beside">
      ${span && spanKey && connection ? html`<${SpanPanel} connection=${connection} spanKey=${spanKey} span=${span} />` : html`<section class="span-panel"></section>`}
      <${LogPanel} logs=${logs} spanId=${spanKey?.spanId} />
    </div>
  </div>`;
}

function Header({
  state,
  history,
  version,
}: {
  state: ConnectionState;
  history: ThroughputHistory;
  version: number;
}): VNode {
  const now = history.now();
  const queue = now.queue === null ? 'unknown' : formatBytes(now.queue);
  return html`<header>
    <div class="brand">
      <h1>Consonant</h1>
      <p role="status">
        <span class=${`dot ${state === 'live' ? 'connected' : 'disconnected'}`} aria-hidden="true"></span>
        ${STATES[state]}${now.nodes.length > 1 ? ` · ${now.nodes.length} nodes` : ''}
      </p>
    </div>
    <dl class="figures">
      <div>
        <dt>spans/s</dt>
        <dd data-figure="spans">${formatCount(now.spans)}</dd>
      </div>
      <div>
        <dt>logs/s</dt>
        <dd>${formatCount(now.logs)}</dd>
      </div>
      <div>
        <dt>points/s</dt>
        <dd>${formatCount(now.points)}</dd>
      </div>
      <div title="Frames that relayers have sent and that wait to be stored">
        <dt>waiting here</dt>
        <dd>${formatCount(now.waitingFrames)} <small>${formatBytes(now.waitingBytes)}</small></dd>
      </div>
      <div title="Bytes in the queues of relayers whose metrics the backend can read">
        <dt>relayer queue</dt>
        <dd data-figure="queue">${queue}</dd>
      </div>
    </dl>
    <${ThroughputChart} history=${history} version=${version} />
    <button class="icon" title="Light or dark (t)" aria-label="Light or dark" onClick=${toggleTheme}>◐</button>
  </header>`;
}

function SearchBar({ filter, onFilter }: { filter: TraceFilter; onFilter: (filter: TraceFilter) => void }): VNode {
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
      placeholder="Search prompts, completions, names, logs  ( / )"
      aria-label="Search"
      maxlength="500"
      onInput=${onInput}
    />
    <label><input type="checkbox" checked=${filter.errorsOnly ?? false} onChange=${onErrors} /> errors only</label>
  </form>`;
}

/** `/` searches, `e` shows errors only, `t` changes the colours, Escape leaves the search. */
function useShortcuts(toggleErrors: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLInputElement && event.target.type !== 'checkbox';
      if (event.key === 'Escape' && typing) {
        // The browser would empty the box, and the list would still be filtered by what was in it.
        event.preventDefault();
        return document.querySelector<HTMLElement>('[aria-label="Traces"][role=listbox]')?.focus();
      }
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '/') {
        event.preventDefault();
        document.getElementById('search')?.focus();
      } else if (event.key === 'e') toggleErrors();
      else if (event.key === 't') toggleTheme();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
