import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BackendError } from '../errors.ts';

/**
 * Keeps a second process out of the embedded store's folder: two would damage it. The lock is a file
 * beside the folder with a process id and when that process began; one whose process is gone is taken
 * over. The id alone says too little: in a container every process after a crash has the same.
 */
export class FolderLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws BackendError when another process has the folder */
  static take(folder: string): FolderLock {
    const path = `${resolve(folder)}.lock`;
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        writeFileSync(path, `${process.pid} ${beginOf(process.pid)}`, { flag: 'wx' });
        return new FolderLock(path);
      } catch (error) {
        if ((error as { code?: string }).code !== 'EEXIST') throw error;
        const [owner = '', begin = ''] = readFileSync(path, 'utf8').trim().split(' ');
        if (isRunning(Number(owner)) && begin === beginOf(Number(owner)))
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

/** Of a process, in ticks since the machine's; empty where the system does not tell. */
function beginOf(pid: number): string {
  try {
    // Behind the name, which may have spaces and brackets in it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
    return fields?.[19] ?? '';
  } catch {
    return '';
  }
}
