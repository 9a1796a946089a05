import assert from 'node:assert/strict';
import { assertStored, finished, startAgent } from '../agent/agent.ts';
import { standInForExternalSecrets } from '../external-secrets.ts';
import { isReady } from '../kube.ts';
import {
  createBackendCa,
  fullName,
  install,
  readmeValues,
  relayerPods,
  setArguments,
  tunnelToken,
} from '../release.ts';
import type { Scenario, Scene } from '../scenario.ts';

export const scenarios: readonly Scenario[] = [
  { name: 'development-values', run: developmentValuesWork },
  { name: 'production-values', run: productionValuesWork },
];

async function developmentValuesWork(scene: Scene): Promise<void> {
  const { backend } = scene;
  await install(scene, ['-f', readmeValues(scene, 'dev-values.yaml'), ...setArguments({ 'backend.url': backend.url })]);
  await assertRelays(scene, { replicas: 1, cluster: 'dev-local' });
}

/** With a stand-in for the External Secrets Operator that fills the Secrets only after the pods have started. */
async function productionValuesWork(scene: Scene): Promise<void> {
  const { kube, namespace } = scene;
  await createBackendCa(scene);
  const standIn = standInForExternalSecrets(scene, { tunnelToken, apiKey: 'sk-ant-late' }, 10_000);
  try {
    const values = ['-f', readmeValues(scene, 'production-values.yaml')];
    await install(scene, [...values, ...setArguments({ 'backend.caSecret.name': 'backend-ca' })]);
    await assertRelays(scene, { replicas: 3, cluster: 'production-us-east-1' });
    assert.notEqual(await kube.get('servicemonitor', fullName, namespace), undefined);
    const budget = await kube.get('poddisruptionbudget', fullName, namespace);
    assert.equal(budget?.['status'].disruptionsAllowed, 1);
  } finally {
    await standIn.stop();
  }
}

async function assertRelays(scene: Scene, { replicas, cluster }: { replicas: number; cluster: string }): Promise<void> {
  const pods = await relayerPods(scene);
  assert.deepEqual(
    pods.map(isReady),
    Array.from({ length: replicas }, () => true),
  );
  const traceId = '2'.repeat(32);
  await startAgent(scene, { name: 'agent', traceId });
  await assertStored(scene, cluster, traceId, await finished(scene, 'agent'));
}
