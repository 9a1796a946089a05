import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The files of the contract with the chart. They are mounted as optional directories, so any of
 * them may be missing, appear later, or change while the process runs.
 */
export interface Files {
  readonly clusterId: string;
  readonly clusterToken: string;
  readonly registrationToken: string;
  readonly accessClientId: string;
  readonly accessClientSecret: string;
  readonly backendCa: string;
  readonly queueDirectory: string;
  readonly serviceAccountToken: string;
  readonly serviceAccountCa: string;
}

/** @param root prefix of every path, to run the relayer outside a pod (`--root DIR`). */
export function filesUnder(root: string): Files {
  const at = (path: string): string => join(root || '/', path);
  return {
    clusterId: at('var/run/consonant/cluster/clusterId'),
    clusterToken: at('var/run/consonant/cluster/clusterToken'),
    registrationToken: at('var/run/consonant/registration/token'),
    accessClientId: at('var/run/consonant/access/clientId'),
    accessClientSecret: at('var/run/consonant/access/clientSecret'),
    backendCa: at('var/run/consonant/backend-ca/ca.crt'),
    queueDirectory: at('var/lib/consonant/queue'),
    serviceAccountToken: at('var/run/secrets/kubernetes.io/serviceaccount/token'),
    serviceAccountCa: at('var/run/secrets/kubernetes.io/serviceaccount/ca.crt'),
  };
}

/** The file's text without surrounding white space, or undefined when it is missing or empty. */
export function readOptionalFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Whether a text can be an id or a token: it becomes a file and the value of a header. */
export function isPlain(text: string): boolean {
  return /^[\x21-\x7e]{1,4096}$/.test(text);
}

/**
 * Changes when a file is replaced. Kubernetes swaps a symbolic link, so `stat` (which follows it)
 * sees another inode and time; watching the directory would miss that on some file systems.
 */
export function fileVersion(path: string): string {
  try {
    const { ino, mtimeMs, size } = statSync(path);
    return `${ino}:${mtimeMs}:${size}`;
  } catch {
    return 'missing';
  }
}
