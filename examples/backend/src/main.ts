import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Backend } from './backend.ts';
import { BackendError, describeError } from './errors.ts';
import { parseSettings } from './settings.ts';

const EXIT_CODES = { configuration: 64, port_in_use: 69, database: 69 } as const;

async function main(): Promise<void> {
  const settings = parseSettings(process.env, process.argv.slice(2));
  const page = join(dirname(fileURLToPath(import.meta.url)), 'page');
  const backend = new Backend(settings, existsSync(page) ? page : undefined);
  const stop = (): void => void backend.stop().then(() => process.exit(0));
  // Whoever read the log is gone: that ends nothing.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  // A second signal changes nothing: stopping is bounded in time by itself. SIGHUP: the terminal was closed.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  await backend.start();
  // Not in the log: whoever reads logs need not be able to log in.
  if (!process.env['ACCESS_TOKEN'])
    process.stderr.write(`\nThe page: ${backend.url}/#token=${settings.accessToken}\n\n`);
  process.send?.({ url: backend.url });
}

main().catch((error: unknown) => {
  process.stderr.write(`backend: ${describeError(error)}\n`);
  process.exit(error instanceof BackendError ? EXIT_CODES[error.code] : 70);
});
