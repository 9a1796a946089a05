import { isPlain } from '../config/files.ts';
import type { BackendEndpoint } from '../protocol/backend-endpoint.ts';
import { describeError, RelayerError } from '../errors.ts';
import { sendRequest, type HttpAnswer } from './http-request.ts';

/** Whether the backend takes the credentials, and else what to do. */
export type Verdict =
  | { readonly kind: 'accepted' }
  /** Revoked, or of another backend; or, not `byBackend`, something in front of it lets nobody in. */
  | { readonly kind: 'refused'; readonly detail: string; readonly byBackend: boolean }
  /** What answers is no backend. */
  | { readonly kind: 'foreign'; readonly detail: string }
  /** It couldn't be asked. */
  | { readonly kind: 'unknown'; readonly detail: string };

interface Registration {
  readonly name: string;
  readonly namespace: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface RegisterCall {
  readonly endpoint: () => BackendEndpoint;
  readonly registration: Registration;
  /** The same key gives the same cluster: repeating the call is harmless. */
  readonly idempotencyKey: string;
  readonly bearerToken: string | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** `GET /api/v1/clusters/{id}` with the cluster's token. */
export async function verifyCredentials(
  endpoint: BackendEndpoint,
  credentials: { clusterId: string; clusterToken: string },
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<Verdict> {
  const url = endpoint.apiUrl(`/api/v1/clusters/${encodeURIComponent(credentials.clusterId)}`);
  try {
    const answer = await sendRequest({
      url,
      method: 'GET',
      ca: endpoint.ca,
      agent: endpoint.agent,
      timeoutMs,
      signal,
      headers: { ...endpoint.headers, authorization: `Bearer ${credentials.clusterToken}` },
    });
    const { status } = answer;
    if (passes(status)) return { kind: 'unknown', detail: `the backend answered ${status}: try again later` };
    if (status === 401 || status === 403)
      return { kind: 'refused', detail: whoRefuses(answer), byBackend: !answer.isHtml };
    if (status === 200 && !answer.isHtml) return { kind: 'accepted' };
    return { kind: 'foreign', detail: whyForeign(answer) };
  } catch (error) {
    return { kind: 'unknown', detail: describeError(error) };
  }
}

/** `POST /api/v1/clusters`. Throws a RelayerError that says what to do. */
export async function registerCluster(call: RegisterCall): Promise<{ clusterId: string; clusterToken: string }> {
  const endpoint = call.endpoint();
  let answer: HttpAnswer;
  try {
    answer = await sendRequest({
      url: endpoint.apiUrl('/api/v1/clusters'),
      method: 'POST',
      ca: endpoint.ca,
      agent: endpoint.agent,
      timeoutMs: call.timeoutMs,
      signal: call.signal,
      body: call.registration,
      headers: {
        ...endpoint.headers,
        'content-type': 'application/json',
        'idempotency-key': call.idempotencyKey,
        ...(call.bearerToken ? { authorization: `Bearer ${call.bearerToken}` } : {}),
      },
    });
  } catch (error) {
    throw new RelayerError(
      'backend-unreachable',
      `the backend ${endpoint.origin} can't be reached: ${describeError(error)}`,
      { cause: error },
    );
  }
  return readRegistration(answer, call);
}

function readRegistration(
  answer: HttpAnswer,
  { registration, bearerToken }: RegisterCall,
): { clusterId: string; clusterToken: string } {
  const { status, isHtml, json } = answer;
  if (passes(status)) throw new RelayerError('backend-unreachable', `the backend answered ${status}: try again later`);
  if (status === 401 || status === 403) {
    const token = bearerToken
      ? 'it does not accept the registration token'
      : 'it wants a registration token: set registration.existingSecret';
    const reason = isHtml ? whoRefuses(answer) : `the backend refused the registration (${said(answer)}): ${token}`;
    throw new RelayerError('refused', reason);
  }
  if (status === 409 && !isHtml) {
    throw new RelayerError(
      'cluster-name-taken',
      `another cluster is registered as \`${registration.name}\`: choose another cluster.name, or delete that cluster in the backend, or restore its credentials Secret`,
    );
  }
  if ((status === 400 || status === 413 || status === 422) && !isHtml)
    throw new RelayerError(
      'backend-protocol',
      `the backend finds the registration invalid (${said(answer)}): check cluster.name and cluster.metadata`,
    );
  if ((status !== 200 && status !== 201) || isHtml) throw new RelayerError('backend-protocol', whyForeign(answer));
  const body = (json as { data?: unknown } | undefined)?.data ?? json;
  const { id, token } = (body ?? {}) as { id?: unknown; token?: unknown };
  if (typeof id === 'string' && typeof token === 'string' && isPlain(id) && isPlain(token))
    return { clusterId: id, clusterToken: token };
  throw new RelayerError(
    'backend-protocol',
    'the backend’s answer to the registration has no id and token: is backend.url the address of a Consonant backend?',
  );
}

/** Overload, a restart, a database that is away: none of them says anything about the request. */
function passes(status: number): boolean {
  return status >= 500 || status === 429 || status === 408;
}

/** The backend itself answers JSON, and never with a redirect. */
function whyForeign({ status, isHtml }: HttpAnswer): string {
  if (status >= 300 && status < 400)
    return `a redirect (${status}) was answered: backend.url must be the address it leads to, unless it leads to a login in front of the backend, which cloudflare.access.existingSecret is for`;
  const what = isHtml ? `a page of HTML (${status})` : `${status}`;
  return `${what} was answered where the API of a backend should be: is backend.url the address of a Consonant backend? Its base path belongs to it`;
}

function whoRefuses(answer: HttpAnswer): string {
  if (answer.isHtml)
    return `something in front of the backend lets no request pass (${answer.status} with a page of HTML): check the service token in cloudflare.access.existingSecret, or whatever asks for a login there`;
  return `the backend refuses this cluster's credentials (${said(answer)}): they were revoked, or belong to another backend`;
}

/** The status, and the backend's own word for it. */
function said({ status, json }: HttpAnswer): string {
  const { error, message } = (json ?? {}) as { error?: unknown; message?: unknown };
  const words = [error, message].find((text) => typeof text === 'string' && /^[\x20-\x7e]{1,200}$/.test(text));
  return words === undefined ? `${status}` : `${status}, ${String(words)}`;
}
