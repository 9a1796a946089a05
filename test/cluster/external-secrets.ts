import type { Scene } from './scenario.ts';
import { sleep } from './wait.ts';

/**
 * Does what the External Secrets Operator does for the ExternalSecrets of the scene's namespace: makes each one's
 * Secret, owned by it, `delayMs` after it was first seen.
 * @param store values by the key that they get in the Secret
 */
export function standInForExternalSecrets(
  { kube, namespace }: Scene,
  store: Readonly<Record<string, string>>,
  delayMs: number,
): { stop(): Promise<void> } {
  const seen = new Map<string, number>();
  let stopping = false;
  const fill = async (): Promise<void> => {
    for (const { apiVersion, kind, metadata, spec } of await kube.list('externalsecrets', namespace)) {
      const { name, uid } = metadata;
      const first = seen.get(name) ?? performance.now();
      seen.set(name, first);
      if (performance.now() - first < delayMs) continue;
      const keys: readonly string[] = spec.data.map(({ secretKey }: { readonly secretKey: string }) => secretKey);
      await kube.apply({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: spec.target.name, namespace, ownerReferences: [{ apiVersion, kind, name, uid }] },
        stringData: Object.fromEntries(keys.map((key) => [key, store[key] ?? ''])),
      });
    }
  };
  const loop = async (): Promise<void> => {
    while (!stopping) {
      await fill().catch((error: unknown) => console.error(String(error)));
      await sleep(1000);
    }
  };
  const running = loop();
  return {
    async stop() {
      stopping = true;
      await running;
    },
  };
}
