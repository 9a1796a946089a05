import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'consonant-helm-';
let root: string | undefined;

/**
 * A new empty folder that goes away when this process ends. vitest kills its workers, so that some stay: they go with
 * the next process that asks for one.
 */
export function scratchFolder(label: string): string {
  if (root === undefined) {
    removeLeftovers();
    const created = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
    root = created;
  }
  return mkdtempSync(join(root, `${label}-`));
}

function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's, or another process removes it just now.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
