import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { register, TestNode, TOKENS, until } from '../fixtures/node.ts';
import { connectPeer, RelayerPeer } from '../fixtures/relayer-peer.ts';
import { makeSpans } from '../fixtures/spans.ts';

let node: TestNode;

beforeAll(async () => {
  node = await new TestNode().start();
});
afterAll(() => node.stop());

async function call(method: string, path: string, token?: string, body?: object): Promise<Response> {
  return fetch(`${node.url}${path}`, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

test('registration needs a token: none and a wrong one are 401', async () => {
  expect((await register(node.url, { token: 'wrong' })).status).toBe(401);
  const response = await fetch(`${node.url}/api/v1/clusters`, { method: 'POST' });
  expect(response.status).toBe(401);
});

test('open registration is only for whoever asks for it', async () => {
  const open = await new TestNode({ OPEN_REGISTRATION: 'true' }).start();
  expect((await register(open.url, { token: 'whatever' })).status).toBe(201);
  await open.stop();
});

test('the same key gives the same cluster, another key for the same name is 409, also when all come at once', async () => {
  const [name, key] = ['same-name', randomUUID()];
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => register(node.url, { name, key })));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(new Set(answers.map(({ body }) => body.token)).size).toBe(5);
  expect((await register(node.url, { name })).status).toBe(409);
});

test('only hashes of tokens are stored, and no token is in a log line', async () => {
  const { body } = await register(node.url);
  const peer = await connectPeer(node.url, body);
  peer.close();
  const dump = JSON.stringify(await node.backend.database.query('SELECT * FROM cluster_tokens, clusters, connections'));
  expect(await node.value('SELECT count(*)::int FROM cluster_tokens WHERE cluster_id = $1', [body.id])).toBe(1);
  for (const text of [dump, node.lines.join('')])
    for (const secret of [body.token, TOKENS.access, TOKENS.admin, TOKENS.registration])
      expect(text).not.toContain(secret);
});

test.each([
  ['no key', { name: 'abc' }, undefined],
  ['a name that is none', { name: 'Not A Name' }, 'k'.repeat(20)],
  ['a name that is too short', { name: 'ab' }, 'k'.repeat(20)],
  ['metadata that is no object', { name: 'abc', metadata: [1] }, 'k'.repeat(20)],
  ['metadata that PostgreSQL does not take', { name: 'abc', metadata: { a: '\0' } }, 'k'.repeat(20)],
  ['metadata without end', { name: 'abc', metadata: { a: 'x'.repeat(20_000) } }, 'k'.repeat(20)],
])('registration with %s is 400', async (_what, body, key) => {
  const response = await fetch(`${node.url}/api/v1/clusters`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${TOKENS.registration}`,
      ...(key ? { 'idempotency-key': key } : {}),
    },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(400);
});

test('a body that is no JSON is 400, one without end is 413, both are counted', async () => {
  const before = node.backend.metrics.get('backend_refused_total', 'bad_request');
  const send = (body: string): Promise<Response> =>
    fetch(`${node.url}/api/v1/clusters`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect([(await send('{')).status, (await send(`"${'x'.repeat(100_000)}"`)).status]).toEqual([400, 413]);
  expect(node.backend.metrics.get('backend_refused_total', 'bad_request')).toBe(before + 2);
});

test('an id that is none is 400, and the database is not asked', async () => {
  const before = node.backend.metrics.get('backend_database_errors_total');
  for (const [method, path] of [
    ['GET', 'clusters/a%00b'],
    ['DELETE', 'clusters/%00'],
    ['POST', 'clusters/%ff/tokens'],
    ['DELETE', 'registration-tokens/%00'],
  ] as const)
    expect((await call(method, `/api/v1/${path}`, TOKENS.admin)).status).toBe(400);
  expect(node.backend.metrics.get('backend_database_errors_total')).toBe(before);
});

test('registration tokens: made, used, expired and revoked by the administrator only', async () => {
  expect((await call('POST', '/api/v1/registration-tokens', TOKENS.registration, { label: 'x' })).status).toBe(401);
  const made = await call('POST', '/api/v1/registration-tokens', TOKENS.admin, { label: 'team a' });
  const { id, token } = (await made.json()) as { id: string; token: string };
  expect((await register(node.url, { token })).status).toBe(201);
  expect((await call('DELETE', `/api/v1/registration-tokens/${id}`, TOKENS.admin)).status).toBe(204);
  expect((await register(node.url, { token })).status).toBe(401);
  const brief = await call('POST', '/api/v1/registration-tokens', TOKENS.admin, { label: 'b', expiresInSeconds: 0.05 });
  const expired = ((await brief.json()) as { token: string }).token;
  await until('it has expired', async () => (await register(node.url, { token: expired })).status === 401);
});

test('without ADMIN_TOKEN there is no administration', async () => {
  const plain = await new TestNode({ ADMIN_TOKEN: '' }).start();
  const response = await fetch(`${plain.url}/api/v1/clusters/x`, {
    method: 'DELETE',
    headers: { authorization: 'Bearer undefined' },
  });
  expect(response.status).toBe(401);
  await plain.stop();
});

test('rotation: a new token, then the old ones are revoked and their connections end', async () => {
  const { body: old } = await register(node.url);
  const before = await connectPeer(node.url, old);
  const issued = await call('POST', `/api/v1/clusters/${old.id}/tokens`, old.token);
  const { token } = (await issued.json()) as { token: string };
  const after = await connectPeer(node.url, { id: old.id, token }, { instance: 'relayer-1' });
  const ended = before.disconnected();
  expect(await (await call('DELETE', `/api/v1/clusters/${old.id}/tokens`, token)).json()).toEqual({ revoked: 1 });
  await ended;
  expect(await after.send(makeSpans([{}]))).toEqual({ status: 'acknowledged', sequence: 1 });
  expect(await new RelayerPeer(node.url, old).connected()).toBe('unauthorized');
  after.close();
});

test('a revoked cluster: connections end, its token and its key are refused for ever', async () => {
  const [name, key] = ['to-be-revoked', randomUUID()];
  const { body } = await register(node.url, { name, key });
  const peer = await connectPeer(node.url, body);
  const ended = peer.disconnected();
  expect((await call('DELETE', `/api/v1/clusters/${body.id}`, TOKENS.admin)).status).toBe(204);
  await ended;
  expect((await call('GET', `/api/v1/clusters/${body.id}`, body.token)).status).toBe(401);
  expect(await new RelayerPeer(node.url, body).connected()).toBe('unauthorized');
  expect((await register(node.url, { name, key })).status).toBe(403);
});

test('the name of a revoked cluster is free for another key, also when several ask at once; telemetry stays apart', async () => {
  const [name, key, other] = ['comes-again', randomUUID(), randomUUID()];
  const { body: old } = await register(node.url, { name, key });
  await call('DELETE', `/api/v1/clusters/${old.id}`, TOKENS.admin);
  const answers = await Promise.all([1, 2, 3].map(() => register(node.url, { name, key: other })));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 201]);
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(answers[0]?.body.id).not.toBe(old.id);
  expect(await node.value('SELECT name FROM clusters WHERE id = $1', [old.id])).toBe(
    `comes-again (removed, ${old.id})`,
  );
  expect((await call('GET', `/api/v1/clusters/${old.id}`, old.token)).status).toBe(401);
  expect((await register(node.url, { name, key })).status).toBe(409);
});
