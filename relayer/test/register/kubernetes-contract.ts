import { expect } from 'vitest';
import { sendRequest, type HttpAnswer } from '../../src/register/http-request.ts';

/** An API server and a Secret in it that the token may get and patch. */
export interface KubernetesUnderTest {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
  readonly namespace: string;
  /** Does not exist at the start. */
  readonly secretName: string;
}

/**
 * What `register` relies on. The fake passes it in `register.test.ts`; a real API server can be held
 * to the same, with a token that may get and patch the Secret.
 */
export async function expectServerSideApply({
  url,
  ca,
  token,
  namespace,
  secretName,
}: KubernetesUnderTest): Promise<void> {
  const send = (
    method: 'GET' | 'PATCH',
    query = '',
    data?: Record<string, string>,
    bearer = token,
  ): Promise<HttpAnswer> =>
    sendRequest({
      url: new URL(`${url}/api/v1/namespaces/${namespace}/secrets/${secretName}${query}`),
      method,
      ca,
      timeoutMs: 10_000,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(data ? { 'content-type': 'application/apply-patch+yaml' } : {}),
      },
      ...(data
        ? {
            body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: secretName, namespace }, type: 'Opaque', data },
          }
        : {}),
    });
  const text = (value: string): string => Buffer.from(value).toString('base64');
  const stored = async (): Promise<unknown> => ((await send('GET')).json as { data?: unknown }).data;

  expect((await send('GET')).status, 'a missing Secret').toBe(404);
  expect((await send('GET', '', undefined, 'wrong')).status, 'a wrong token').toBe(401);
  expect((await send('PATCH', '?fieldManager=a&force=false', { key: text('1') })).status, 'apply creates').toBe(201);
  expect((await send('PATCH', '?fieldManager=a&force=false', { key: text('1') })).status, 'apply repeats').toBe(200);
  expect(
    (await send('PATCH', '?fieldManager=b&force=false', { key: text('2') })).status,
    'another value of another manager',
  ).toBe(409);
  expect(await stored()).toEqual({ key: text('1') });
  expect(
    (await send('PATCH', '?fieldManager=b&force=true', { key: text('1'), id: text('x') })).status,
    'with force',
  ).toBe(200);
  expect(await stored()).toEqual({ key: text('1'), id: text('x') });
}
