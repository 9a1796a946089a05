import { attempt } from './command.ts';
import { kubectlBinary } from '../helm/binaries.ts';

/** Why no API server answers there, in a sentence; undefined: one does. It waits ten seconds at most. */
export async function unreachable(kubeconfig: string): Promise<string | undefined> {
  const environment = { KUBECONFIG: kubeconfig };
  const { code, stderr } = await attempt(kubectlBinary(), ['get', '--raw', '/readyz', '--request-timeout=10s'], {
    environment,
    timeoutMs: 20_000,
  });
  if (code === 0) return undefined;
  const reason = stderr.trim().split('\n').at(-1) ?? '';
  return `No cluster answers by \`KUBECONFIG\`, ${kubeconfig}: ${reason || `kubectl's exit code is ${code}`}`;
}
