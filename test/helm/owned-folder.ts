import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../../src/replace-folder.ts';

/**
 * A new empty folder named after this process, which should remove it. A process that is killed can't: its folders go
 * with the next call for the same prefix.
 */
export function createOwnedFolder(prefix: string, parent: string = tmpdir()): string {
  removeLeftovers(prefix, parent);
  return mkdtempSync(join(parent, `${prefix}${process.pid}-`));
}

function removeLeftovers(prefix: string, parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // Another user's, or another process removes it just now.
    }
  }
}
