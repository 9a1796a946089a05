import { type RequestOptions, request } from 'node:https';
import { createInterface } from 'node:readline';
import type { KubeObject } from '../kube.ts';

/**
 * Follows the changes at an address of an API server until it ends the answer. Rejects when there is no connection, it
 * breaks, or the answer is no watch.
 */
export function watch(
  url: string,
  client: RequestOptions,
  onEvent: (type: string, object: KubeObject) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, client, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`${url}: ${answer.statusCode}`));
      answer.on('error', reject);
      createInterface({ input: answer })
        .on('error', reject)
        .on('line', (line) => {
          const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: KubeObject };
          if (['ADDED', 'MODIFIED', 'DELETED'].includes(type)) onEvent(type, object);
        })
        .on('close', resolve);
    });
    outgoing.on('error', reject).end();
  });
}
