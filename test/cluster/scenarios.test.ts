import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Cluster } from './cluster.ts';
import { Processes } from './processes.ts';
import { runScenario } from './scenarios.ts';

/** A cluster where everything works that is asked of it around a scenario. */
function clusterIn(folder: string): Cluster {
  const kube = { apply: async () => undefined, kubectl: async () => '', get: async () => ({}), list: async () => [] };
  const backend = { restart: async () => undefined };
  return { kube, backend, processes: new Processes(folder), isOwn: true } as unknown as Cluster;
}

test('when a part of the cluster has ended, the scenario under way and all after it fail, and say why', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'scenarios-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const cluster = clusterIn(folder);
  const passing = { name: 'passing', run: async () => undefined };
  const hanging = { name: 'hanging', run: () => new Promise<never>(() => undefined) };
  expect(await runScenario(passing, cluster, folder)).toMatchObject({ name: 'passing', result: 'pass' });
  setTimeout(() => cluster.processes.start('kubelet', '/bin/sh', ['-c', 'exit 2']), 10);
  const failed = { result: 'fail', error: { message: expect.stringContaining('kubelet (/bin/sh) has ended') } };
  expect(await runScenario(hanging, cluster, folder)).toMatchObject(failed);
  expect(await runScenario(passing, cluster, folder)).toMatchObject(failed);
});
