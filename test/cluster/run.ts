/**
 * `npm run test:cluster [-- --only NAME] [-- --keep]`: the chart on a real Kubernetes. Without `KUBECONFIG` a cluster
 * of one node is brought up and taken down again. See README.md. Exit code 64: an argument that there is not; 69:
 * something is missing.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createOwnedFolder } from '../helm/owned-folder.ts';
import { run } from './command.ts';
import { innerEnvironment } from './environment.ts';
import { type GivenCluster, type Prepared, givenClusterFrom, useCluster, whyUnfit } from './given-cluster.ts';
import { exitWith } from './guard.ts';
import { buildImages } from './images/images.ts';
import { runInNamespaces } from './namespaces.ts';
import { type Options, optionsFrom } from './options.ts';
import { buildParts } from './parts.ts';
import { unreachable } from './reachable.ts';
import { missingRequirements, thisMachine } from './requirements.ts';
import { chosenFrom, loadScenarios } from './scenarios.ts';
import { runScenarios } from './session.ts';
import { takeTurn } from './turn.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const args = process.argv.slice(2);
const given = givenClusterFrom(process.env);
const isOwnCluster = given === undefined;
// Even when a scenario that was stopped still waits for something.
await exitWith(main());

async function main(): Promise<number> {
  const options = await optionsOrProblem();
  if (typeof options === 'string') {
    console.error(options);
    return 64;
  }
  const missing = await whatIsMissing(!options.check);
  for (const problem of missing) console.error(problem);
  if (missing.length > 0) return 69;
  return options.check ? 0 : runAll(options);
}

async function optionsOrProblem(): Promise<Options | string> {
  const scenarios = await loadScenarios();
  try {
    const options = optionsFrom(args);
    chosenFrom(scenarios, options.only);
    return options;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function whatIsMissing(mayBuild: boolean): Promise<readonly string[]> {
  const isFree = !isOwnCluster || (await takeTurn());
  const missing = missingRequirements(thisMachine(isOwnCluster, isFree), given, mayBuild);
  if (missing.length > 0 || given === undefined) return missing;
  const problem = await unreachable(given.kubeconfig);
  return problem === undefined ? whyUnfit(given) : [problem];
}

async function runAll(options: Options): Promise<number> {
  const stop = new AbortController();
  const { signal } = stop;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort());
  // Nobody reads any more, as after `| head`.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop.abort());
  // Of another name for a given cluster: that may be one of ours, which still uses its folder.
  const folder = createOwnedFolder(isOwnCluster ? 'consonant-cluster-' : 'consonant-given-cluster-');
  try {
    await buildParts(isOwnCluster, folder, signal);
    await run(process.execPath, [join(root, 'examples/backend/scripts/build.mjs')], { timeoutMs: 120_000, signal });
    const images = await buildImages(join(folder, 'images'), isOwnCluster, signal);
    signal.throwIfAborted();
    if (given !== undefined) return await runThere(given, options, { folder, images, signal });
    const script = fileURLToPath(new URL('inside.ts', import.meta.url));
    const environment = innerEnvironment(process.env, folder);
    return await runInNamespaces(script, [folder, images.join(','), ...args], {
      environment,
      stopped: aborted(signal),
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    return 130;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function runThere(given: GivenCluster, options: Options, prepared: Prepared): Promise<number> {
  const cluster = await useCluster(given, prepared);
  try {
    return await runScenarios(cluster, options, prepared.folder, aborted(prepared.signal));
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
