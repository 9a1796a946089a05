import { createServer } from 'node:net';

/** Not a file: the kernel gives it back when its holder ends, however it does. */
const turn = '\0consonant-cluster';

/**
 * Two runs would share the cgroups of their pods. Holds this machine's turn until the process ends.
 * @returns false when another process has it
 */
export function takeTurn(name: string = turn): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .on('error', () => resolve(false))
      .listen(name, () => resolve(true));
    server.unref();
  });
}
