import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';

/** Folders whose path some program has built in. */
const temporary = ['/run', '/var/log'];
const layered = '/var/lib';

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
}
