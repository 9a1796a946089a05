import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Who reads the folder sees the old files or the new ones, never some of each: they are written to `.new-…` beside it,
 * and then two renames put it in the place of the old folder. A process that is killed between these leaves the old
 * files in `.old-…`, and the next one puts the folder back.
 */
export function replaceFolder(folder: string, files: ReadonlyMap<string, string>): void {
  const parent = dirname(folder);
  const suffix = `${process.pid}-${basename(folder)}`;
  const fresh = join(parent, `.new-${suffix}`);
  const old = join(parent, `.old-${suffix}`);
  mkdirSync(parent, { recursive: true });
  removeLeftovers(folder);
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(fresh, path)), { recursive: true });
      writeFileSync(join(fresh, path), text);
    }
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(fresh, folder);
  } catch (error) {
    if (existsSync(old) && !existsSync(folder)) renameSync(old, folder);
    throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

const staleMs = 60_000;

/** What processes left that no longer run, or that others have the numbers of by now. */
function removeLeftovers(folder: string): void {
  const parent = dirname(folder);
  for (const name of readdirSync(parent)) {
    const [, kind, pid, of] = /^\.(new|old)-(\d+)-(.*)$/.exec(name) ?? [];
    const path = join(parent, name);
    if (of !== basename(folder) || isInUse(path, Number(pid))) continue;
    if (kind === 'old' && !existsSync(folder)) renameSync(path, folder);
    else rmSync(path, { recursive: true, force: true });
  }
}

function isInUse(path: string, pid: number): boolean {
  // The time of the change, which a rename sets too.
  const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0);
  return age < staleMs && pid !== process.pid && isRunning(pid);
}

/** True for a process of another user too. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
