import { agentImage } from '../images/images.ts';
import { fullName } from '../release.ts';
import type { Scene } from '../scenario.ts';
import { until } from '../wait.ts';

export interface AgentOptions {
  /** Name of the agent and its pod. */
  readonly name: string;
  /** 32 hexadecimal digits: of this agent only. */
  readonly traceId: string;
  /** Default 20. */
  readonly requests?: number;
  /** Between requests; default 50. */
  readonly pauseMs?: number;
  /** Default those that kagent gives its agents. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Default the scene's namespace of agents. */
  readonly namespace?: string;
}

/** Hardened as the `restricted` standard wants it. */
export const restricted = {
  pod: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  container: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
} as const;

/** Starts a pod that sends spans to the relayer as a kagent agent would: five a request, each repeated until acknowledged. */
export async function startAgent(scene: Scene, options: AgentOptions): Promise<void> {
  const { name, traceId, requests = 20, pauseMs = 50 } = options;
  const labels = options.labels ?? { app: 'kagent', 'app.kubernetes.io/name': name };
  const variables = {
    ENDPOINT: `http://${fullName}.${scene.namespace}.svc:4318`,
    AGENT: name,
    TRACE_ID: traceId,
    REQUESTS: String(requests),
    PAUSE_MS: String(pauseMs),
  };
  await scene.kube.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: options.namespace ?? scene.agentNamespace, labels },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: restricted.pod,
      containers: [
        {
          name: 'agent',
          image: agentImage,
          env: Object.entries(variables).map(([name, value]) => ({ name, value })),
          securityContext: restricted.container,
        },
      ],
    },
  });
}

export interface Sent {
  /** Ids of the spans that the relayer has acknowledged. */
  readonly acknowledged: readonly string[];
  /** That it has not within the agent's patience. */
  readonly givenUp: readonly string[];
  readonly done: boolean;
}

/** What an agent has reported so far. */
export async function sentBy(
  { kube, agentNamespace }: Scene,
  name: string,
  namespace: string = agentNamespace,
): Promise<Sent> {
  const lines = (await kube.kubectl(['logs', '-n', namespace, name]))
    .split('\n')
    .filter((line) => line.startsWith('{'));
  const reports = lines.map(
    (line) => JSON.parse(line) as { acknowledged?: string[]; givenUp?: string[]; done?: boolean },
  );
  return {
    acknowledged: reports.flatMap(({ acknowledged = [] }) => acknowledged),
    givenUp: reports.flatMap(({ givenUp = [] }) => givenUp),
    done: reports.some(({ done }) => done === true),
  };
}

/** Lets an agent end after the request that it is at. */
export async function stopAgent({ kube, agentNamespace }: Scene, name: string): Promise<void> {
  const script = "process.kill(1, 'SIGTERM')";
  await kube.kubectl(['exec', '-n', agentNamespace, name, '--', '/nodejs/bin/node', '-e', script]);
}

/** Waits until an agent has sent everything. @throws Error when it gave up on a span */
export async function finished(scene: Scene, name: string, timeoutMs = 120_000): Promise<Sent> {
  const sent = await until(
    `${name} has sent everything`,
    async () => {
      const report = await sentBy(scene, name);
      return report.done && report;
    },
    { timeoutMs, intervalMs: 1000 },
  );
  if (sent.givenUp.length > 0) throw new Error(`${name} got no acknowledgement for ${sent.givenUp.length} spans`);
  return sent;
}

/**
 * Conservation: every acknowledged span reaches the backend, once, and nothing else does.
 * @throws Error with what is missing after `timeoutMs`
 */
export async function assertStored(
  { backend }: Scene,
  cluster: string,
  traceId: string,
  { acknowledged, givenUp }: Sent,
  timeoutMs = 60_000,
): Promise<void> {
  const { id } = await backend.cluster(cluster);
  await until(
    `the backend has all ${acknowledged.length} acknowledged spans`,
    async () => {
      const stored = await backend.spanIds(id, traceId);
      const known = new Set(stored);
      const missing = acknowledged.filter((span) => !known.has(span));
      if (missing.length > 0) throw new Error(`${missing.length} are missing, the first is ${missing[0]}`);
      const sent = new Set([...acknowledged, ...givenUp]);
      if (stored.length !== known.size || stored.some((span) => !sent.has(span)))
        throw new Error('the backend has spans more than once, or some that nobody sent');
      return true;
    },
    { timeoutMs, intervalMs: 1000 },
  );
}
