import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let root: string | undefined;

/** A new empty folder that goes away when this process ends. */
export function scratchFolder(label: string): string {
  if (root === undefined) {
    const created = mkdtempSync(join(tmpdir(), 'consonant-helm-'));
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
    root = created;
  }
  return mkdtempSync(join(root, `${label}-`));
}
