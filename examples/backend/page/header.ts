import type { VNode } from 'preact';
import type { ConnectionState } from './connection.ts';
import { formatBytes, formatCount } from './format.ts';
import { html } from './html.ts';
import { toggleTheme } from './theme.ts';
import { ThroughputChart, type ThroughputHistory } from './throughput.ts';

const STATES: Readonly<Record<ConnectionState, string>> = {
  connecting: 'connecting …',
  live: 'live',
  lost: 'connection lost, trying again …',
  unauthorized: 'not logged in',
};

export interface HeaderProps {
  readonly state: ConnectionState;
  readonly history: ThroughputHistory;
  /** Changes with each pulse. */
  readonly version: number;
}

/** The state of the connection, and what goes through the backend. */
export function Header({ state, history, version }: HeaderProps): VNode {
  const now = history.now();
  return html`<header>
    <div class="brand">
      <h1>Consonant</h1>
      <p role="status">
        <span class=${`dot ${state === 'live' ? 'connected' : 'disconnected'}`} aria-hidden="true"></span>
        ${STATES[state]}${now.nodes.length > 1 ? ` · ${now.nodes.length} nodes` : ''}
      </p>
    </div>
    <dl class="figures">
      ${figure('spans/s', formatCount(now.spans), { id: 'spans' })} ${figure('logs/s', formatCount(now.logs))}
      ${figure('points/s', formatCount(now.points))}
      ${figure(
        'waiting here',
        html`${formatCount(now.waitingFrames)} <small>${formatBytes(now.waitingBytes)}</small>`,
        {
          title: 'Frames that relayers have sent and that wait to be stored',
        },
      )}
      ${figure('relayer queue', now.queue === null ? 'unknown' : formatBytes(now.queue), {
        id: 'queue',
        title: 'Bytes in the queues of relayers whose metrics the backend can read',
      })}
    </dl>
    <${ThroughputChart} history=${history} version=${version} />
    <button class="icon" title="Light or dark (t)" aria-label="Light or dark" onClick=${toggleTheme}>◐</button>
  </header>`;
}

function figure(name: string, value: string | VNode, { id, title }: { id?: string; title?: string } = {}): VNode {
  return html`<div title=${title}>
    <dt>${name}</dt>
    <dd data-figure=${id}>${value}</dd>
  </div>`;
}
