import { existsSync, realpathSync, statfsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { hiddenFolders } from './private-folders.ts';

/** Where a run keeps everything: `TMPDIR`, or else `/tmp`. */
export interface TemporaryFolder {
  readonly path: string;
  /** With symbolic links followed; undefined: there is none. */
  readonly realPath: string | undefined;
  readonly isOverlay: boolean;
}

const overlayMagic = 0x79_4c_76_30;
/** Of the 107 characters that a socket's path may have, the longest in it leaves these. */
const maxLength = 39;

export function temporaryFolderAt(path: string): TemporaryFolder {
  if (!existsSync(path)) return { path, realPath: undefined, isOverlay: false };
  return { path, realPath: realpathSync(path), isOverlay: statfsSync(path).type === overlayMagic };
}

/** What keeps a cluster from having its files there, one sentence each. */
export function temporaryFolderProblems({ path, realPath, isOverlay }: TemporaryFolder): readonly string[] {
  if (realPath === undefined || !isAbsolute(path)) return [`\`TMPDIR\` is ${path}: it has to be a folder's full path.`];
  const hiding = hiddenFolders.find((folder) => `${realPath}/`.startsWith(`${folder}/`));
  return [
    ...(hiding === undefined ? [] : [`${path} is in ${hiding}, of which the cluster has its own: set \`TMPDIR\`.`]),
    ...(isOverlay ? [`${path} is on an overlay, which can't hold the containers' overlays: set \`TMPDIR\`.`] : []),
    ...(path.length > maxLength ? [`${path} is too long for sockets in it: set \`TMPDIR\`.`] : []),
  ];
}
