import { restricted } from './agent/agent.ts';
import { agentImage } from './images/images.ts';
import type { Scene } from './scenario.ts';

/** Host and port. */
export type Target = readonly [host: string, port: number];

/**
 * `open`: something listens. `nobody`: the packet got there, and nothing listens. `blocked`: it did not get there, or
 * no answer came back.
 */
export type Reach = 'open' | 'nobody' | 'blocked';

const script = `
const { connect } = require('node:net');
const reach = ([host, port]) => new Promise((resolve) => {
  const socket = connect({ host, port, timeout: 4000 });
  socket.on('connect', () => { socket.destroy(); resolve('open'); });
  socket.on('error', ({ code }) => resolve(code === 'ECONNREFUSED' ? 'nobody' : code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? code : 'blocked'));
  socket.on('timeout', () => { socket.destroy(); resolve('blocked'); });
});
Promise.all(JSON.parse(process.argv[1]).map(reach)).then((all) => console.log(JSON.stringify(all)));
`;

const node = '/nodejs/bin/node';

/** What a running container can reach. @param pod with its namespace, as `kubectl exec` takes them */
export async function reachFrom(
  { kube }: Pick<Scene, 'kube'>,
  pod: { readonly namespace: string; readonly name: string; readonly container: string },
  targets: readonly Target[],
): Promise<readonly Reach[]> {
  const where = ['-n', pod.namespace, pod.name, '-c', pod.container];
  return JSON.parse(
    await kube.kubectl(['exec', ...where, '--', node, '-e', script, JSON.stringify(targets)]),
  ) as Reach[];
}

export interface ProbePod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Default: any. */
  readonly node?: string;
}

/** Starts a pod that does nothing, for `reachFrom` with the container `probe`. */
export async function startProbePods({ kube }: Pick<Scene, 'kube'>, pods: readonly ProbePod[]): Promise<void> {
  const objects = pods.map(({ name, namespace, labels, node: nodeName }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: {
      nodeName,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: restricted.pod,
      containers: [
        {
          name: 'probe',
          image: agentImage,
          command: [node, '-e', 'setInterval(() => undefined, 60_000)'],
          securityContext: restricted.container,
        },
      ],
    },
  }));
  await kube.apply(...objects);
  for (const { name, namespace } of pods) {
    await kube.kubectl(['wait', '-n', namespace, `pod/${name}`, '--for=condition=Ready', '--timeout=60s'], {
      timeoutMs: 70_000,
    });
  }
}
