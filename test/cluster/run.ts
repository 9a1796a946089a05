/**
 * `npm run test:cluster [-- --only NAME] [-- --keep]`: the chart on a real Kubernetes. Without `KUBECONFIG` a cluster
 * of one node is brought up and taken down again. See README.md. Exit code 69: something is missing.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createOwnedFolder } from '../helm/owned-folder.ts';
import { run } from './command.ts';
import { type GivenCluster, givenClusterFrom, useCluster } from './given-cluster.ts';
import { buildImages } from './images/images.ts';
import { runInNamespaces } from './namespaces.ts';
import { optionsFrom } from './options.ts';
import { buildParts } from './parts.ts';
import { missingRequirements, thisMachine } from './requirements.ts';
import { runScenarios } from './session.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const args = process.argv.slice(2);
const options = optionsFrom(args);
const given = givenClusterFrom(process.env);
const isOwnCluster = given === undefined;
const missing = missingRequirements(thisMachine(isOwnCluster), given, !options.check);
if (missing.length > 0) {
  for (const problem of missing) console.error(problem);
  process.exitCode = 69;
} else if (!options.check) {
  // Now, as a scenario that was stopped may still wait for something.
  process.exit(await runAll());
}

async function runAll(): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  // Of another name for a given cluster: that may be one of ours, which still uses its folder.
  const folder = createOwnedFolder(isOwnCluster ? 'consonant-cluster-' : 'consonant-given-cluster-');
  try {
    await buildParts(isOwnCluster);
    await run(process.execPath, [join(root, 'examples/backend/scripts/build.mjs')], { timeoutMs: 120_000 });
    const images = await buildImages(join(folder, 'images'), isOwnCluster);
    if (given !== undefined) return await runThere(given, folder, images, stop.signal);
    const script = fileURLToPath(new URL('inside.ts', import.meta.url));
    return await runInNamespaces(script, [folder, images.join(','), ...args], aborted(stop.signal));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runThere(
  given: GivenCluster,
  folder: string,
  images: readonly string[],
  stop: AbortSignal,
): Promise<number> {
  const cluster = await useCluster(given, folder, images, stop);
  try {
    return await runScenarios(cluster, options, folder, aborted(stop));
  } finally {
    await cluster.leave();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });
}
