import { lookup } from 'node:dns/promises';
import { closeSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { connect as connectTcp, isIP } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { CredentialSource } from '../config/credentials.ts';
import { filesUnder, type Files } from '../config/files.ts';
import { parseSettings } from '../config/parse-settings.ts';
import type { Settings } from '../config/settings.ts';
import { Connection, type Closed } from '../deliver/connection.ts';
import { describeError, EXIT_CODES, RelayerError } from '../errors.ts';
import { bypassesProxy } from '../protocol/proxy-agent.ts';
import { verifyCredentials } from '../register/backend-api.ts';
import { endpointFrom } from '../relayer.ts';
import type { CommandContext } from './context.ts';

/** Result of one step. A failed step says what to do. */
type Result =
  | { readonly ok: true; readonly detail: string }
  | { readonly ok: false; readonly detail: string; readonly exitCode: number };

interface Step {
  readonly name: string;
  readonly run: (subject: Subject) => Promise<Result> | Result;
}

interface Subject {
  readonly settings: Settings;
  readonly files: Files;
  readonly credentials: CredentialSource;
  readonly url: URL;
  readonly proxied: boolean;
}

const TIMEOUT_MS = 10_000;

/** In the order in which one failure explains the next. All run, whatever the ones before said. */
const STEPS: readonly Step[] = [
  { name: 'queue directory', run: checkQueue },
  { name: 'credentials files', run: checkCredentialsFiles },
  { name: 'DNS', run: checkDns },
  { name: 'TCP', run: checkTcp },
  { name: 'TLS', run: checkTls },
  { name: 'backend API', run: checkApi },
  { name: 'Socket.IO', run: checkSocket },
];

/**
 * `relayer check`: one line a step, `ok` or `FAILED` with what to do about it. Works beside a
 * running relayer.
 * @returns 0, or the exit code of the first failure.
 */
export async function check({ environment, root, write, stop }: CommandContext): Promise<number> {
  const parsed = parseSettings(environment);
  if (!parsed.ok) {
    for (const { message } of parsed.problems) write(`FAILED  configuration      ${message}\n`);
    return EXIT_CODES.configuration;
  }
  write('ok      configuration      all settings are valid\n');
  const { settings } = parsed;
  const url = new URL(settings.BACKEND_URL);
  const proxied = settings.BACKEND_PROXY_URL !== '' && !bypassesProxy(url.hostname, settings.BACKEND_NO_PROXY);
  const files = filesUnder(root);
  const subject: Subject = { settings, files, credentials: new CredentialSource(files, () => {}), url, proxied };
  let exitCode = 0;
  for (const { name, run } of STEPS) {
    if (stop.aborted) return exitCode || EXIT_CODES['backend-unreachable'];
    const result = await runStep(run, subject);
    write(`${result.ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(17)}  ${result.detail}\n`);
    if (!result.ok) exitCode ||= result.exitCode;
  }
  return exitCode;
}

/** A file that can't be used fails every step that needs it. */
async function runStep(run: Step['run'], subject: Subject): Promise<Result> {
  try {
    return await run(subject);
  } catch (error) {
    if (error instanceof RelayerError) return failed(error.message, error.exitCode);
    throw error;
  }
}

function ok(detail: string): Result {
  return { ok: true, detail };
}

function failed(detail: string, exitCode: number): Result {
  return { ok: false, detail, exitCode };
}

function checkQueue({ files }: Subject): Result {
  const path = join(files.queueDirectory, 'check');
  try {
    mkdirSync(files.queueDirectory, { recursive: true });
    const fd = openSync(path, 'w');
    try {
      writeSync(fd, Buffer.alloc(65_536, 1));
    } finally {
      closeSync(fd);
      unlinkSync(path);
    }
    return ok(`${files.queueDirectory} is writable`);
  } catch (error) {
    return failed(
      `${files.queueDirectory} can't be written: ${describeError(error)}. It must be a volume with free space, writable by uid 10001`,
      EXIT_CODES['queue-unavailable'],
    );
  }
}

function checkCredentialsFiles({ credentials }: Subject): Result {
  // Throws when they can't be used.
  credentials.accessHeaders();
  const problem = credentials.problem();
  if (!problem) return ok(`cluster ${credentials.read()?.clusterId}`);
  return failed(
    `${problem}. The cluster is not registered yet: see the log of the registration Job, or set backend.credentials.existingSecret`,
    EXIT_CODES.refused,
  );
}

async function checkDns({ url, proxied }: Subject): Promise<Result> {
  if (proxied) return ok('left to the proxy');
  const host = hostOf(url);
  try {
    const addresses = await lookup(host, { all: true });
    return ok(`${host} is ${addresses.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    return failed(
      `${host} has no address: ${describeError(error)}. Check backend.url and the NetworkPolicy's DNS rule`,
      EXIT_CODES['backend-unreachable'],
    );
  }
}

function checkTcp({ url, settings, proxied }: Subject): Promise<Result> {
  const target = proxied ? new URL(settings.BACKEND_PROXY_URL) : url;
  const place = `${hostOf(target)}:${portOf(target)}`;
  return new Promise((resolve) => {
    const socket = connectTcp({ host: hostOf(target), port: portOf(target), timeout: TIMEOUT_MS });
    const end = (result: Result): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end(ok(`${proxied ? 'the proxy ' : ''}${place} accepts connections`)));
    socket.once('timeout', () =>
      end(
        failed(
          `${place} does not answer: a NetworkPolicy or firewall drops the packets`,
          EXIT_CODES['backend-unreachable'],
        ),
      ),
    );
    socket.once('error', (error) =>
      end(
        failed(
          `${place}: ${describeError(error)}. Is the backend running, and does the NetworkPolicy allow this port?`,
          EXIT_CODES['backend-unreachable'],
        ),
      ),
    );
  });
}

function checkTls({ url, credentials, proxied }: Subject): Promise<Result> | Result {
  if (url.protocol === 'http:') return ok('not used: backend.url is http');
  if (proxied) return ok('checked with the API, through the proxy');
  const ca = credentials.backendCa();
  const host = hostOf(url);
  return new Promise((resolve) => {
    const socket = connectTls({
      host,
      port: portOf(url),
      // RFC 6066 allows no address there.
      ...(isIP(host) ? {} : { servername: host }),
      timeout: TIMEOUT_MS,
      ...(ca ? { ca } : {}),
    });
    const end = (result: Result): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('secureConnect', () =>
      end(ok(`${socket.getProtocol()}, certificate valid until ${socket.getPeerCertificate().valid_to}`)),
    );
    socket.once('timeout', () =>
      end(
        failed(
          'no TLS handshake: does the port of backend.url speak TLS? If not, backend.url begins with http://',
          EXIT_CODES['backend-unreachable'],
        ),
      ),
    );
    socket.once('error', (error) =>
      end(
        failed(
          `${describeError(error)}. For a private CA set backend.caSecret; the certificate must be for the host in backend.url`,
          EXIT_CODES['backend-unreachable'],
        ),
      ),
    );
  });
}

async function checkApi({ settings, credentials }: Subject): Promise<Result> {
  const found = credentials.read() ?? { clusterId: 'none', clusterToken: 'none' };
  const verdict = await verifyCredentials(endpointFrom(settings, credentials), found, { timeoutMs: TIMEOUT_MS });
  switch (verdict.kind) {
    case 'accepted':
      return ok('the credentials are accepted');
    case 'foreign':
      return failed(verdict.detail, EXIT_CODES['backend-protocol']);
    case 'unknown':
      return failed(
        `${verdict.detail}. Mend what failed above, or see the log of the backend and of any proxy`,
        EXIT_CODES['backend-unreachable'],
      );
    case 'refused':
      if (!verdict.byBackend) return failed(verdict.detail, EXIT_CODES.refused);
      if (credentials.problem()) return ok('reachable; there are no credentials to check');
      return failed(
        `${verdict.detail}. To register anew, delete the Secret ${settings.CREDENTIALS_SECRET_NAME} and upgrade the release`,
        EXIT_CODES.refused,
      );
  }
}

async function checkSocket({ settings, credentials }: Subject): Promise<Result> {
  const { clusterId = '', clusterToken = '' } = credentials.read() ?? {};
  let end: Closed = { reason: 'closed', detail: '' };
  const connection = new Connection({
    endpoint: endpointFrom(settings, credentials),
    readAuth: () => ({ clusterId, token: clusterToken, instance: `${settings.POD_NAME}-check` }),
    timeoutMs: TIMEOUT_MS,
    onClosed: (closed) => (end = closed),
  });
  const connected = await connection.open();
  connection.close({ reason: 'closed', detail: 'checked' });
  if (connected) return ok(`connected; the backend takes frames of ${connection.maxPayload} bytes`);
  return socketProblem(end, settings);
}

function socketProblem({ reason, detail }: Closed, settings: Settings): Result {
  const text = `${reason}: ${detail}`;
  if (reason === 'refused') return failed(`${text}. See what backend API says above`, EXIT_CODES.refused);
  if (reason === 'protocol') return failed(text, EXIT_CODES['backend-protocol']);
  // Something answered HTTP, but no WebSocket.
  if (/Unexpected server response: [234]/.test(detail))
    return failed(
      `${text}. There is no Socket.IO at ${settings.BACKEND_SOCKET_PATH}: check backend.socketPath and the base path of backend.url, and that a proxy in between passes WebSocket upgrades`,
      EXIT_CODES['backend-protocol'],
    );
  return failed(
    `${text}. Mend what failed above; else check that a proxy or load balancer in between passes WebSocket upgrades for ${settings.BACKEND_SOCKET_PATH}`,
    EXIT_CODES['backend-unreachable'],
  );
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
}
