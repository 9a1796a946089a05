import { CredentialSource } from '../config/credentials.ts';
import { filesUnder } from '../config/files.ts';
import { requireSettings } from '../config/parse-settings.ts';
import { Logger } from '../observe/logger.ts';
import { CredentialsSecret } from '../register/credentials-secret.ts';
import { ensureRegistered } from '../register/register-cluster.ts';
import { endpointFrom } from '../relayer.ts';
import type { CommandContext } from './context.ts';
import { timeoutSeconds } from './timeout-seconds.ts';

/** The Job's deadline is 240 s; giving up 30 s earlier keeps the pod, and with it this log. */
const DEFAULT_TIMEOUT_SECONDS = 210;

/** `relayer register`: the pre-install and pre-upgrade Job. Every failure throws a RelayerError. */
export async function register({ environment, root, options, stop, write }: CommandContext): Promise<number> {
  const giveUpAfterMs = timeoutSeconds(options, DEFAULT_TIMEOUT_SECONDS) * 1000;
  const settings = requireSettings(environment);
  const log = new Logger({ level: settings.LOG_LEVEL, pod: settings.POD_NAME, write });
  const files = filesUnder(root);
  const credentials = new CredentialSource(files, (secret) => log.hide(secret));
  const secret = new CredentialsSecret({ settings, files, onSecret: (value) => log.hide(value), signal: stop });
  await ensureRegistered({
    settings,
    secret,
    credentials,
    endpoint: () => endpointFrom(settings, credentials),
    log,
    giveUpAfterMs,
    signal: stop,
  });
  return 0;
}
