/** Runs a script in namespaces of its own, and takes away what even those leave behind. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const cgroupRoot = '/sys/fs/cgroup';

/** What kubelet sets for the whole machine. */
const machineSettings = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

/**
 * Network, mounts and processes of the script are its own, so that when it ends, however it does, the kernel takes
 * away every process, mount, bridge, packet filter and address it made. It should end when its standard input does.
 * @param stopped resolves when the script has to stop
 * @returns its exit code
 */
export async function runInNamespaces(
  script: string,
  args: readonly string[],
  stopped: Promise<unknown>,
): Promise<number> {
  const settings = machineSettings
    .map((name) => `/proc/sys/${name}`)
    .filter((path) => existsSync(path))
    .map((path) => [path, readFileSync(path, 'utf8')] as const);
  const namespaces = ['--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc'];
  // A session of its own: Ctrl-C is for this process, which then lets the script end in order.
  const child = spawn('unshare', [...namespaces, process.execPath, ...process.execArgv, script, ...args], {
    stdio: ['pipe', 'inherit', 'inherit'],
    detached: true,
  });
  void stopped.then(() => child.stdin.end());
  child.once('spawn', () =>
    setTimeout(() => console.log(`to look around: nsenter -n -m -p -t ${firstChild(child.pid)}`), 500),
  );
  try {
    return await new Promise((resolve, reject) => child.on('error', reject).on('close', (code) => resolve(code ?? 1)));
  } finally {
    for (const [path, value] of settings) if (readFileSync(path, 'utf8') !== value) writeFileSync(path, value);
    podCgroups().forEach(removeCgroup);
  }
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

function removeCgroup(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(join(path, entry.name));
  }
  rmdirSync(path);
}
