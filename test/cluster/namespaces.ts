/** Runs a script in namespaces of its own, and takes away what even those leave behind. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './wait.ts';

const cgroupRoot = '/sys/fs/cgroup';
const namespaces = ['--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc'];

/**
 * Network, mounts and processes of the script are its own, so that when it ends, however it does, the kernel takes
 * away every process, mount, bridge, packet filter and address it made. It should end when its standard input does.
 * @param options.stopped resolves when the script has to stop
 * @returns its exit code
 */
export async function runInNamespaces(
  script: string,
  args: readonly string[],
  { environment, stopped }: { environment: NodeJS.ProcessEnv; stopped: Promise<unknown> },
): Promise<number> {
  // A session of its own: Ctrl-C is for this process, which then lets the script end in order.
  const child = spawn('unshare', [...namespaces, process.execPath, ...process.execArgv, script, ...args], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: environment,
    detached: true,
  });
  void stopped.then(() => child.stdin.end());
  const hint = setTimeout(() => console.log(`to look around: nsenter -n -m -p -t ${firstChild(child.pid)}`), 500);
  try {
    return await new Promise((resolve, reject) => child.on('error', reject).on('close', (code) => resolve(code ?? 1)));
  } finally {
    clearTimeout(hint);
    await removePodCgroups();
  }
}

/** Root alone is not enough: containers and services are often kept from it. */
export function canMakeNamespaces(): boolean {
  return spawnSync('unshare', [...namespaces, 'true']).status === 0;
}

/** Its pods would be in the same cgroups, which are removed after a run. */
export function isAnotherKubeletThere(): boolean {
  return podCgroups().some(isInUse);
}

function firstChild(pid: number | undefined): string {
  const list = `/proc/${pid}/task/${pid}/children`;
  return existsSync(list) ? (readFileSync(list, 'utf8').split(' ')[0] ?? '') : '';
}

/** In every hierarchy of cgroup v1, or in the one of v2. */
function podCgroups(): readonly string[] {
  if (!existsSync(cgroupRoot)) return [];
  const hierarchies = readdirSync(cgroupRoot, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return ['', ...hierarchies.map(({ name }) => name)]
    .map((name) => join(cgroupRoot, name, 'kubepods'))
    .filter((path) => existsSync(path));
}

function isInUse(cgroup: string): boolean {
  const entries = readdirSync(cgroup, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const hasProcesses = readFileSync(join(cgroup, 'cgroup.procs'), 'utf8') !== '';
  return hasProcesses || entries.some(({ name }) => isInUse(join(cgroup, name)));
}

/** Processes that were killed take a moment to be gone. */
async function removePodCgroups(): Promise<void> {
  const remove = async (): Promise<true> => {
    podCgroups().forEach(removeCgroup);
    return true;
  };
  await until('the cgroups of the pods are gone', remove, { timeoutMs: 10_000 }).catch(console.error);
}

function removeCgroup(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(join(path, entry.name));
  }
  rmdirSync(path);
}
