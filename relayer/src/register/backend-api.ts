import type { BackendEndpoint } from '../protocol/backend-endpoint.ts';
import { describeError, RelayerError } from '../errors.ts';
import { sendRequest, type HttpAnswer } from './http-request.ts';

/** Whether the backend takes the credentials. `unknown`: it couldn't be asked. */
export type Verdict =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly status: number }
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
}

/** `GET /api/v1/clusters/{id}` with the cluster's token. */
export async function verifyCredentials(
  endpoint: BackendEndpoint,
  credentials: { clusterId: string; clusterToken: string },
  timeoutMs: number,
): Promise<Verdict> {
  const url = endpoint.apiUrl(`/api/v1/clusters/${encodeURIComponent(credentials.clusterId)}`);
  try {
    const { status } = await sendRequest({
      url,
      method: 'GET',
      ca: endpoint.ca,
      agent: endpoint.agent,
      timeoutMs,
      headers: { ...endpoint.headers, authorization: `Bearer ${credentials.clusterToken}` },
    });
    if (status === 200) return { kind: 'accepted' };
    if (status === 401 || status === 403) return { kind: 'refused', status };
    return { kind: 'unknown', detail: `the backend answered ${status}` };
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
  { status, json }: HttpAnswer,
  { registration, bearerToken }: RegisterCall,
): { clusterId: string; clusterToken: string } {
  if (status === 401 || status === 403) {
    const advice = bearerToken
      ? 'it does not accept the registration token'
      : 'it wants a registration token: set registration.existingSecret';
    throw new RelayerError('refused', `the backend refused the registration (${status}): ${advice}`);
  }
  if (status === 409) {
    throw new RelayerError(
      'cluster-name-taken',
      `another cluster is registered as \`${registration.name}\`: choose another cluster.name, or delete that cluster in the backend, or restore its credentials Secret`,
    );
  }
  if (status >= 500 || status === 429 || status === 408)
    throw new RelayerError('backend-unreachable', `the backend answered ${status}: try again later`);
  if (status !== 200 && status !== 201)
    throw new RelayerError(
      'backend-protocol',
      `the backend answered ${status} to the registration: is backend.url the address of a Consonant backend?`,
    );
  const body = (json as { data?: unknown } | undefined)?.data ?? json;
  const { id, token } = (body ?? {}) as { id?: unknown; token?: unknown };
  if (typeof id === 'string' && typeof token === 'string' && isPlain(id) && isPlain(token))
    return { clusterId: id, clusterToken: token };
  throw new RelayerError(
    'backend-protocol',
    'the backend’s answer to the registration has no id and token: is backend.url the address of a Consonant backend?',
  );
}

/** Ids and tokens become file contents and header values. */
function isPlain(text: string): boolean {
  return /^[\x21-\x7e]{1,4096}$/.test(text);
}
