import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Overview, TraceFilter, TraceView } from '../src/viewers/views.ts';
import { Connection, keepToken, takeToken, type ConnectionState } from './connection.ts';
import { formatDuration } from './format.ts';
import { Header } from './header.ts';
import { html } from './html.ts';
import { LogPanel } from './log-panel.ts';
import { Login } from './login.ts';
import { SearchBar } from './search-bar.ts';
import { Sidebar } from './sidebar.ts';
import { timeRange } from './span-tree.ts';
import { SpanPanel } from './span-panel.ts';
import { ThroughputHistory } from './throughput.ts';
import { TraceList } from './trace-list.ts';
import { traceKey } from './trace-rows.ts';
import { useShortcuts } from './use-shortcuts.ts';
import { useTrace } from './use-trace.ts';
import { useTraces, type Traces } from './use-traces.ts';
import { Waterfall } from './waterfall.ts';

const OVERVIEW_INTERVAL_MS = 2_000;
const NOTHING_SELECTED = html`<p class="notice muted">
  Choose a trace. <kbd>/</kbd> searches, arrow keys move, <kbd>e</kbd> shows errors only.
</p>`;

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
  const [filter, setFilter] = useState<TraceFilter>({});
  const [selected, setSelected] = useState<TraceView>();
  const [atTop, setAtTop] = useState(true);
  const { connection, history, version } = useConnection(token, onState, onPulse);
  const traces = useTraces(connection, filter);
  const trace = useTrace(connection, selected);
  const overview = useOverview(connection, state, () => [traces, trace].forEach((part) => part.refresh()));
  useShortcuts(() => setFilter((before) => ({ ...before, errorsOnly: !before.errorsOnly })));

  function onPulse(changed: readonly string[]): void {
    if (atTop && changed.length > 0) traces.refresh();
    if (selected && changed.includes(selected.traceId)) trace.refresh();
  }
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
      ${traceNotices(traces)}
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
      ${selected ? traceDetail(selected, trace, connection) : NOTHING_SELECTED}
    </section>
  </div>`;
}

/** One connection a token, with what its pulses tell. `onPulse` is called as of the last time it was drawn. */
function useConnection(
  token: string,
  onState: (state: ConnectionState) => void,
  onPulse: (changed: readonly string[]) => void,
): { connection: Connection | undefined; history: ThroughputHistory; version: number } {
  const history = useMemo(() => new ThroughputHistory(), []);
  const [version, setVersion] = useState(0);
  const [connection, setConnection] = useState<Connection>();
  const latest = useRef(onPulse);
  latest.current = onPulse;
  useEffect(() => {
    const made = new Connection(token, onState, (pulse, changed) => {
      history.add(pulse);
      setVersion((before) => before + 1);
      latest.current(changed);
    });
    setConnection(made);
    return () => made.close();
  }, [token]);
  return { connection, history, version };
}

/** Clusters and agents, again and again while the connection is live. After a reconnection everything may have changed: `onLive`. */
function useOverview(connection: Connection | undefined, state: ConnectionState, onLive: () => void): Overview {
  const [overview, setOverview] = useState<Overview>({ clusters: [], agents: [] });
  useEffect(() => {
    if (state !== 'live' || !connection) return undefined;
    const load = (): void => void connection.overview().then(setOverview, () => undefined);
    load();
    onLive();
    const timer = setInterval(load, OVERVIEW_INTERVAL_MS);
    return () => clearInterval(timer);
  }, [state, connection]);
  return overview;
}

function traceNotices({ traces, loading, error }: Traces): VNode {
  return html`
    ${error ? html`<p class="notice error" role="alert">The list could not be loaded: ${error}</p>` : null}
    ${traces.length === 0 ? html`<p class="notice muted">${loading ? 'Loading …' : 'No trace matches.'}</p>` : null}
  `;
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
