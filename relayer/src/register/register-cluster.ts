import { randomUUID } from 'node:crypto';
import { sleep } from '../component.ts';
import type { CredentialSource, Credentials } from '../config/credentials.ts';
import type { Settings } from '../config/settings.ts';
import { RelayerError } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import type { BackendEndpoint } from '../protocol/backend-endpoint.ts';
import { registerCluster, verifyCredentials } from './backend-api.ts';
import type { CredentialsSecret, SecretData } from './credentials-secret.ts';

export interface RegisterOptions {
  readonly settings: Settings;
  readonly secret: CredentialsSecret;
  readonly credentials: CredentialSource;
  readonly endpoint: () => BackendEndpoint;
  readonly log: Logger;
  /** How long an unreachable backend is tried. */
  readonly giveUpAfterMs: number;
  readonly signal?: AbortSignal;
}

const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 15_000;

/**
 * Makes sure that the cluster is registered and the Secret has its credentials. May run any number
 * of times and in several pods at once:
 *
 *   Secret has id and token ──► backend asked ── 200, or no answer ──► done, nothing changed
 *      │ no                          └── 401/403 ──► `refused`: never registered again by itself
 *      ▼
 *   registration key claimed (first writer wins) ──► POST with it ──► id and token stored
 *
 * The key is in the Secret before the POST, so a crash between the steps repeats the same request.
 * Throws a RelayerError for each failure that needs somebody.
 */
export async function ensureRegistered(options: RegisterOptions): Promise<Credentials> {
  const found = await options.secret.read();
  if (found?.clusterId && found.clusterToken)
    return verifyFound(options, { clusterId: found.clusterId, clusterToken: found.clusterToken });
  const registrationKey = await claimKey(options, found);
  const credentials = await registerWithRetries(options, registrationKey);
  await options.secret.store({ ...credentials, registrationKey });
  options.log.setClusterId(credentials.clusterId);
  options.log.info('Cluster registered', { cluster: options.settings.CLUSTER_NAME });
  return credentials;
}

async function verifyFound(
  { endpoint, settings, log, signal }: RegisterOptions,
  credentials: Credentials,
): Promise<Credentials> {
  log.setClusterId(credentials.clusterId);
  const timeoutMs = settings.BACKEND_CONNECTION_TIMEOUT_SECONDS * 1000;
  const verdict = await verifyCredentials(endpoint(), credentials, { timeoutMs, signal });
  if (verdict.kind === 'refused') {
    throw new RelayerError(
      'refused',
      verdict.byBackend
        ? `${verdict.detail}. To register anew, delete the Secret ${settings.POD_NAMESPACE}/${settings.CREDENTIALS_SECRET_NAME}`
        : verdict.detail,
    );
  }
  if (verdict.kind === 'accepted') log.info('The cluster is registered already');
  else log.warn('The credentials could not be checked and are kept', { reason: verdict.detail });
  return credentials;
}

async function claimKey({ secret, log }: RegisterOptions, found: SecretData | undefined): Promise<string> {
  if (found?.registrationKey) return found.registrationKey;
  const key = randomUUID();
  log.hide(key);
  if ((await secret.claimRegistrationKey(key)) === 'written') return key;
  const stored = (await secret.read())?.registrationKey;
  if (stored) return stored;
  throw new RelayerError(
    'secret-not-writable',
    'another writer owns the registration key in the Secret, but there is none in it: delete the Secret',
  );
}

async function registerWithRetries(options: RegisterOptions, idempotencyKey: string): Promise<Credentials> {
  const { settings, endpoint, credentials, log, giveUpAfterMs, signal } = options;
  const end = performance.now() + giveUpAfterMs;
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)) {
    // One that began in time may take a moment; but the whole must not outlast the Job.
    const remainingMs = Math.max(1000, end - performance.now());
    const timeoutMs = Math.min(settings.BACKEND_CONNECTION_TIMEOUT_SECONDS * 1000, remainingMs);
    try {
      const registered = await registerCluster({
        endpoint,
        registration: {
          name: settings.CLUSTER_NAME,
          namespace: settings.POD_NAMESPACE,
          metadata: metadataOf(settings),
        },
        idempotencyKey,
        bearerToken: credentials.registrationToken(),
        timeoutMs,
        signal,
      });
      log.hide(registered.clusterToken);
      return registered;
    } catch (error) {
      if (signal?.aborted) throw stopped(error);
      const passes = error instanceof RelayerError && error.code === 'backend-unreachable';
      if (!passes || performance.now() + delayMs > end) throw error;
      log.warn('Registration failed, trying again', { reason: error.message, afterMs: delayMs });
      await sleep(delayMs * (0.5 + 0.5 * Math.random()), signal);
      if (signal?.aborted) throw stopped(error);
    }
  }
}

function stopped(cause: unknown): RelayerError {
  return new RelayerError(
    'backend-unreachable',
    'stopped before the cluster was registered: the next run goes on with the same registration key',
    { cause },
  );
}

function metadataOf(settings: Settings): Readonly<Record<string, unknown>> {
  return {
    ...settings.CLUSTER_METADATA,
    ...(settings.CLUSTER_REGION ? { region: settings.CLUSTER_REGION } : {}),
    ...(settings.CLUSTER_ENVIRONMENT ? { environment: settings.CLUSTER_ENVIRONMENT } : {}),
  };
}
