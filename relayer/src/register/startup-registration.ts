import { sleep, type Component, type Deadline } from '../component.ts';
import type { CredentialSource } from '../config/credentials.ts';
import type { Files } from '../config/files.ts';
import type { Settings } from '../config/settings.ts';
import { describeError, RelayerError } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import type { BackendEndpoint } from '../protocol/backend-endpoint.ts';
import { CredentialsSecret } from './credentials-secret.ts';
import { ensureRegistered } from './register-cluster.ts';

/** An unreachable backend is tried again within one round; everything else after this pause. */
const ROUND_MS = 120_000;
const PAUSE_MS = 30_000;

export interface StartupRegistrationOptions {
  readonly settings: Settings;
  readonly files: Files;
  readonly credentials: CredentialSource;
  /** Read anew for every attempt. */
  readonly endpoint: () => BackendEndpoint;
  readonly log: Logger;
}

/**
 * REGISTRATION_MODE=startup: registers the cluster while the relayer already accepts telemetry.
 * A failure is logged with what to do and tried again; it never ends the process.
 */
export class StartupRegistration implements Component {
  readonly #options: StartupRegistrationOptions;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: StartupRegistrationOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#loop ??= this.#run();
    return Promise.resolve();
  }

  /** Ends a request that waits for its answer: repeating it is harmless. */
  async stop(deadline: Deadline): Promise<void> {
    this.#stopping.abort();
    const ended = new AbortController();
    await Promise.race([this.#loop, sleep(deadline.remainingMs(), ended.signal)]);
    ended.abort();
  }

  async #run(): Promise<void> {
    const { settings, files, credentials, endpoint, log } = this.#options;
    const { signal } = this.#stopping;
    const secret = new CredentialsSecret({ settings, files, onSecret: (value) => log.hide(value), signal });
    while (!signal.aborted && !credentials.read()) {
      try {
        credentials.use(
          await ensureRegistered({ settings, secret, credentials, endpoint, log, giveUpAfterMs: ROUND_MS, signal }),
        );
        return;
      } catch (error) {
        if (signal.aborted) return;
        const code = error instanceof RelayerError ? error.code : 'unknown';
        log.error('The cluster could not be registered', { code, reason: describeError(error) });
      }
      await sleep(PAUSE_MS, signal);
    }
  }
}
