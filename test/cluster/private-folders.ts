import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';

/** Folders whose path some program has built in. */
const temporary = ['/run', '/var/log'];
const layered = '/var/lib';
export const hiddenFolders: readonly string[] = [...temporary, layered];

/** What kubelet sets for the whole machine. */
const machineSettings = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

/** Gives this mount namespace its own view of what the parts write to, so that the machine's stays as it is. */
export async function hideMachineFolders(folder: string): Promise<void> {
  for (const path of temporary) await run('mount', ['-t', 'tmpfs', 'tmpfs', path]);
  const [upper, work] = [join(folder, 'var-lib'), join(folder, 'var-lib-work')];
  for (const path of [upper, work]) mkdirSync(path, { recursive: true });
  await run('mount', [
    '-t',
    'overlay',
    'overlay',
    '-o',
    `lowerdir=${layered},upperdir=${upper},workdir=${work}`,
    layered,
  ]);
  await hideMachineSettings(join(folder, 'machine-settings'));
}

/** Kubelet reads and writes files in their place: the machine's would stay changed if this run were killed. */
async function hideMachineSettings(folder: string): Promise<void> {
  mkdirSync(folder);
  for (const name of machineSettings) {
    const [path, own] = [`/proc/sys/${name}`, join(folder, name.replaceAll('/', '.'))];
    if (!existsSync(path)) continue;
    writeFileSync(own, readFileSync(path));
    await run('mount', ['--bind', own, path]);
  }
}
