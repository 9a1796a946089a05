import { attempt } from './command.ts';
import { kubectlBinary } from '../helm/binaries.ts';

/** Why no API server answers there, in a sentence; undefined: one does. It waits ten seconds at most. */
export async function unreachable(kubeconfig: string): Promise<string | undefined> {
  const environment = { KUBECONFIG: kubeconfig };
  const { code, stdout, stderr } = await attempt(
    kubectlBinary(),
    ['get', '--raw', '/readyz', '--request-timeout=10s'],
    {
      environment,
      timeoutMs: 20_000,
    },
  );
  // An empty file means localhost:8080 to kubectl, where something else may answer.
  if (code === 0 && stdout.trim() === 'ok') return undefined;
  const reason = stderr.trim().split('\n').at(-1) ?? '';
  return `No cluster answers by \`KUBECONFIG\`, ${kubeconfig}: ${reason || `kubectl's exit code is ${code}`}`;
}
