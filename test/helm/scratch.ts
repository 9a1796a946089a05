import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createOwnedFolder } from './owned-folder.ts';

let root: string | undefined;

/**
 * A new empty folder that goes away when this process ends. vitest kills its workers, so that some stay: they go with
 * the next process that asks for one.
 */
export function scratchFolder(label: string): string {
  if (root === undefined) {
    const created = createOwnedFolder('consonant-helm-');
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
    root = created;
  }
  return mkdtempSync(join(root, `${label}-`));
}
