import type { VNode } from 'preact';
import type { AgentView, ClusterView, Overview } from '../src/viewers/views.ts';
import { formatCount, formatItems } from './format.ts';
import { html } from './html.ts';

export interface SidebarProps {
  readonly overview: Overview;
  readonly clusterId: string | undefined;
  readonly agent: string | undefined;
  readonly onCluster: (id: string | undefined) => void;
  readonly onAgent: (agent: string | undefined) => void;
}

/** Clusters with the state of their connections, and agents. Each is a filter, pressed again it is none. */
export function Sidebar({ overview, clusterId, agent, onCluster, onAgent }: SidebarProps): VNode {
  const agents = overview.agents.filter((candidate) => !clusterId || candidate.clusterId === clusterId);
  return html`<nav class="sidebar" aria-label="Filters">
    <h2>Clusters</h2>
    ${overview.clusters.length === 0 ? html`<p class="muted">None has registered yet.</p>` : null}
    <ul>
      ${overview.clusters.map((cluster) => clusterItem(cluster, cluster.id === clusterId, onCluster))}
    </ul>
    <h2>Agents</h2>
    ${agents.length === 0 ? html`<p class="muted">None has sent anything yet.</p>` : null}
    <ul>
      ${agents.map((candidate) => agentItem(candidate, candidate.agent === agent, onAgent))}
    </ul>
  </nav>`;
}

function clusterItem(cluster: ClusterView, pressed: boolean, onCluster: SidebarProps['onCluster']): VNode {
  const { length } = cluster.connections;
  const state = cluster.revoked ? 'revoked' : length > 0 ? 'connected' : 'disconnected';
  const where = cluster.connections.map(({ instance, node }) => `${instance} on ${node}`).join('\n');
  return html`<li key=${cluster.id}>
    <button
      class="filter"
      aria-pressed=${pressed}
      title=${where}
      onClick=${() => onCluster(pressed ? undefined : cluster.id)}
    >
      <span class=${`dot ${state}`} aria-hidden="true"></span>
      <span class="grow"
        ><b>${cluster.name}</b>
        <small
          >${state}${length > 1 ? `, ${length} relayers` : ''} · ${formatCount(cluster.spans)} spans ·
          ${' '}${formatCount(cluster.logs)} logs</small
        ></span
      >
    </button>
  </li>`;
}

function agentItem(agent: AgentView, pressed: boolean, onAgent: SidebarProps['onAgent']): VNode {
  return html`<li key=${`${agent.clusterId}/${agent.agent}`}>
    <button class="filter" aria-pressed=${pressed} onClick=${() => onAgent(pressed ? undefined : agent.agent)}>
      <span class="grow"
        ><b>${agent.agent || '(unnamed)'}</b>
        <small
          >${formatItems(agent.spans, 'span')} · ${formatCount(agent.inputTokens + agent.outputTokens)} tokens
          ${agent.errors > 0 ? html` · <span class="error">${formatItems(agent.errors, 'error')}</span>` : null}</small
        ></span
      >
    </button>
  </li>`;
}
