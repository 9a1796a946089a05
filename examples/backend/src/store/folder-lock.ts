import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BackendError } from '../errors.ts';

/**
 * Keeps a second process out of the embedded store's folder: two would damage it. The lock is a file
 * beside the folder with a process id; one whose process is gone is taken over. So is one with our own
 * id that we do not hold: in a container the process before had the same.
 */
export class FolderLock {
  static readonly #held = new Set<string>();
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws BackendError when another process has the folder */
  static take(folder: string): FolderLock {
    const path = `${resolve(folder)}.lock`;
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        writeFileSync(path, String(process.pid), { flag: 'wx' });
        FolderLock.#held.add(path);
        return new FolderLock(path);
      } catch (error) {
        if ((error as { code?: string }).code !== 'EEXIST') throw error;
        const owner = Number(readFileSync(path, 'utf8'));
        if (owner === process.pid ? FolderLock.#held.has(path) : isRunning(owner))
          throw new BackendError(
            'database',
            `process ${owner} uses ${folder}: one node a folder; set \`DATA_DIRECTORY\`, or \`DATABASE_URL\` for several nodes`,
          );
        rmSync(path, { force: true });
      }
    }
    throw new BackendError('database', `${path} can not be taken: another process starts at the same time`);
  }

  release(): void {
    FolderLock.#held.delete(this.#path);
    rmSync(this.#path, { force: true });
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs, and belongs to someone else.
    return (error as { code?: string }).code === 'EPERM';
  }
}
