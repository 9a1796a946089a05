export interface AgentProfile {
  /** With underscores, as kagent makes it from the name of the Agent. */
  readonly name: string;
  readonly description: string;
  readonly model: string;
  readonly provider: string;
  readonly transport: 'grpc' | 'http';
  readonly scenarios: readonly Scenario[];
}
export interface Scenario {
  readonly question: string;
  /** Sends `LONG_PROMPT` in place of the question. */
  readonly long?: boolean;
  readonly turns: readonly Turn[];
}
/** One call of the model, and the tools that it asks for. */
export interface Turn {
  readonly ms: number;
  readonly output: string;
  readonly tools: readonly Tool[];
  /** The call fails, and the run with it. */
  readonly error?: string;
}
export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly ms: number;
  readonly output: string;
  readonly error?: string;
}

const llm = (ms: number, output: string, ...tools: Tool[]): Turn => ({ ms, output, tools });

function tool(name: string, args: Record<string, unknown>, ms: number, output: string): Tool {
  return { name, description: `Runs ${name.replaceAll('_', ' ')}.`, args, ms, output };
}

const POD_LINE = '2026-01-03T10:15:30Z checkout-7d8f9b-xyz  WARN  connection pool exhausted, 128 of 128 in use\n';

/** About 60 KiB: a log that was pasted whole. */
export const LONG_PROMPT: string = `Summarise what went wrong in this log:\n${POD_LINE.repeat(640)}`;

export const AGENTS: readonly AgentProfile[] = [
  {
    name: 'k8s_agent',
    description: 'An expert in Kubernetes operations and troubleshooting.',
    model: 'claude-sonnet-4-5',
    provider: 'anthropic',
    transport: 'grpc',
    scenarios: [
      {
        question: 'Why does the pod checkout-7d8f9b-xyz restart every few minutes?',
        turns: [
          llm(
            700,
            'I will look at the pod and its events.',
            tool('k8s_describe_resource', { kind: 'pod', name: 'checkout-7d8f9b-xyz' }, 180, 'Last State: OOMKilled'),
            tool('k8s_get_events', { namespace: 'shop' }, 120, '12 × BackOff, 4 × OOMKilling'),
          ),
          llm(900, 'The container is killed for memory: its limit is 256Mi, and it needs about 400Mi at start.'),
        ],
      },
      {
        question: 'Scale the deployment payments to 5 replicas.',
        turns: [
          llm(500, 'Scaling payments to 5.', {
            ...tool('k8s_scale', { name: 'payments', replicas: 5 }, 150, ''),
            error: 'deployments.apps "payments" is forbidden',
          }),
        ],
      },
      {
        question: '',
        long: true,
        turns: [llm(1_600, 'The connection pool is exhausted: 128 connections, none returned.')],
      },
    ],
  },
  {
    name: 'helm_agent',
    description: 'Installs, upgrades and explains Helm releases.',
    model: 'gpt-4o',
    provider: 'openai',
    transport: 'http',
    scenarios: [
      {
        question: 'Which releases have an upgrade that failed?',
        turns: [
          llm(
            450,
            'Listing the releases.',
            tool('helm_list_releases', { allNamespaces: true }, 240, 'redis: failed, grafana: deployed'),
          ),
          llm(620, 'Only redis: its last upgrade timed out.'),
        ],
      },
      {
        question: 'Upgrade grafana to the newest chart.',
        turns: [{ ...llm(800, ''), error: '429: rate limit reached for gpt-4o' }],
      },
    ],
  },
  {
    name: 'observability_agent',
    description: 'Queries Prometheus and explains what it finds.',
    model: 'gemini-2.5-pro',
    provider: 'gemini',
    transport: 'grpc',
    scenarios: [
      {
        question: 'Is the latency of checkout above its objective?',
        turns: [
          llm(
            520,
            'I will ask Prometheus for the 99th percentile.',
            tool('prometheus_query', { query: 'histogram_quantile(0.99, …)' }, 90, '1.42 s'),
            tool('prometheus_query', { query: 'slo:checkout:latency' }, 70, '1.00 s'),
            tool('prometheus_query_range', { query: 'rate(http_requests_total[5m])', hours: 6 }, 260, '[…]'),
          ),
          llm(980, 'Yes: 1.42 s against 1.00 s, since the rollout at 09:40.'),
        ],
      },
    ],
  },
  {
    name: 'istio_agent',
    description: 'Manages the service mesh.',
    model: 'claude-sonnet-4-5',
    provider: 'anthropic',
    transport: 'grpc',
    scenarios: [
      {
        question: 'Send a tenth of the traffic of reviews to v3.',
        turns: [
          llm(
            640,
            'Writing a VirtualService with weights 90 and 10.',
            tool('istio_apply', { kind: 'VirtualService', name: 'reviews' }, 210, 'configured'),
            tool('istio_analyze', { namespace: 'bookinfo' }, 330, 'no validation issues'),
          ),
          llm(410, 'Done: v3 gets 10 %.'),
        ],
      },
    ],
  },
];

/** In turn, so that errors and the long prompt come early and again and again. */
export function pickScenario({ scenarios }: AgentProfile, turn: number): Scenario {
  return scenarios[Math.floor(turn / AGENTS.length) % scenarios.length] ?? (scenarios[0] as Scenario);
}
