/**
 * The part of the run that happens in namespaces of its own: see run.ts. Ends when standard input does. It is the
 * first process of its process namespace, so ending it ends all others.
 */
import { startCluster } from './cluster.ts';
import { exitWith } from './guard.ts';
import { optionsFrom } from './options.ts';
import { hideMachineFolders } from './private-folders.ts';
import { runScenarios } from './session.ts';

const [folder = '', imageList = '', ...rest] = process.argv.slice(2);
const stopped = new Promise<void>((resolve) => {
  process.stdin
    .on('end', resolve)
    .on('error', () => resolve())
    .resume();
  // Nobody reads any more: an error that is not caught would read as the scenario's.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => resolve());
});

await exitWith(Promise.race([main(), stopped.then(() => stoppedEarly())]));

async function main(): Promise<number> {
  try {
    await hideMachineFolders(folder);
    const started = performance.now();
    const cluster = await startCluster(folder, imageList.split(','));
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    const { kubeconfig, folders } = cluster.kube;
    console.log(`cluster up in ${seconds} s; there: export KUBECONFIG=${kubeconfig} PATH=${folders.join(':')}:$PATH`);
    return await runScenarios(cluster, optionsFrom(rest), folder, stopped);
  } catch (error) {
    console.error(error);
    return 1;
  }
}

/** Later than `runScenarios` needs to print what it has. */
async function stoppedEarly(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 500));
  return 130;
}
