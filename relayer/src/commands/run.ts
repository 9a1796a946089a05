import { filesUnder } from '../config/files.ts';
import { requireSettings } from '../config/parse-settings.ts';
import { Logger } from '../observe/logger.ts';
import { Relayer } from '../relayer.ts';
import type { CommandContext } from './context.ts';

/**
 * `relayer run`: relays until told to stop.
 * @returns the exit code, when `context.stop` aborts and everything is sent or stored.
 */
export async function run({ environment, root, stop, write }: CommandContext): Promise<number> {
  const settings = requireSettings(environment);
  const log = new Logger({ level: settings.LOG_LEVEL, pod: settings.POD_NAME, write });
  const relayer = new Relayer({ settings, files: filesUnder(root), log });
  try {
    await relayer.start();
    if (!stop.aborted)
      await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
    log.info('Stopping');
  } finally {
    await relayer.stop();
  }
  return 0;
}
