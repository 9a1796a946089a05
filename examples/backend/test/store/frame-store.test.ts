import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { decodeFrame } from '../../src/relayers/epoch-queue.ts';
import { ClusterStore } from '../../src/store/cluster-store.ts';
import { FrameStore, placeFrames, type DecodedFrame } from '../../src/store/frame-store.ts';
import { migrate } from '../../src/store/migrations.ts';
import { PgliteDatabase } from '../../src/store/pglite-database.ts';
import { deleteExpired } from '../../src/store/retention.ts';
import { makeSpans } from '../fixtures/spans.ts';

let database: PgliteDatabase;
let store: FrameStore;
let clusterId: string;

beforeAll(async () => {
  database = await PgliteDatabase.open(undefined);
  await migrate(database);
  store = new FrameStore(database);
});
beforeEach(async () => {
  await database.query('TRUNCATE clusters, spans, traces, agents, logs, points CASCADE');
  const registered = await new ClusterStore(database).register({
    name: 'a',
    namespace: 'test',
    metadata: {},
    registrationKey: 'key-1',
  });
  clusterId = 'id' in registered ? registered.id : '';
});
afterAll(() => database.close());

function frame(sequence: number, spans: readonly object[] = [{ name: `span ${sequence}` }]): DecodedFrame {
  const payload = makeSpans(spans);
  const sections = [{ signal: 'traces' as const, bytes: payload.length, items: spans.length }];
  return decodeFrame({ epoch: 'e', sequence, sections }, payload);
}

async function count(table: string): Promise<number> {
  return (await database.query<{ n: number }>(`SELECT count(*)::float8 AS n FROM ${table}`))[0]?.n ?? -1;
}

test('the schema may be brought up to date again and again', async () => {
  await migrate(database);
  expect(await count('schema_migrations')).toBe(1);
});

test('rows and sequence are one transaction: when the rows fail, the sequence stays', async () => {
  const claim = { clusterId, epoch: 'e', owner: 'c1' };
  await store.hello(claim);
  const bad = frame(2);
  // A number no bigint holds.
  const rows = { ...bad.rows, spans: bad.rows?.spans.map((span) => ({ ...span, start_ns: '9'.repeat(30) })) ?? [] };
  await expect(store.store(claim, [frame(1), { sequence: 2, rows: rows as never }])).rejects.toMatchObject({
    code: '22003',
  });
  expect(await count('spans')).toBe(0);
  expect(await store.hello(claim)).toBe(0);
});

test('a frame that comes twice has its effect once', async () => {
  const claim = { clusterId, epoch: 'e', owner: 'c1' };
  await store.hello(claim);
  await store.store(claim, [frame(1), frame(2)]);
  expect(await store.store(claim, [frame(2), frame(3)])).toEqual([
    { status: 'acknowledged', sequence: 2, stored: false },
    { status: 'acknowledged', sequence: 3, stored: true },
  ]);
  expect(await count('spans')).toBe(3);
});

test('a connection whose epoch another one has greeted stores nothing more', async () => {
  await store.hello({ clusterId, epoch: 'e', owner: 'old' });
  await store.store({ clusterId, epoch: 'e', owner: 'old' }, [frame(1)]);
  expect(await store.hello({ clusterId, epoch: 'e', owner: 'new' })).toBe(1);
  expect(await store.store({ clusterId, epoch: 'e', owner: 'old' }, [frame(2)])).toEqual([{ status: 'superseded' }]);
  expect(await count('spans')).toBe(1);
});

test('a span that an agent sent twice is counted once, for its trace and its agent too', async () => {
  const claim = { clusterId, epoch: 'e', owner: 'c1' };
  const span = { name: 'call_llm', traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), failed: true };
  await store.hello(claim);
  await store.store(claim, [frame(1, [span])]);
  await store.store(claim, [frame(2, [span, { ...span, spanId: 'ef'.repeat(8) }])]);
  const [trace] = await database.query('SELECT spans, errors FROM traces');
  const [agent] = await database.query('SELECT spans::int AS spans, errors::int AS errors FROM agents');
  expect([trace, agent]).toEqual([
    { spans: 2, errors: 2 },
    { spans: 2, errors: 2 },
  ]);
});

test('frames are placed by the three rules', () => {
  const [a, b, c, empty] = [frame(4), frame(5), frame(7), { sequence: 6, rows: undefined }];
  const { results, highest } = placeFrames(4, [a, b, empty, c] as DecodedFrame[]);
  expect(results).toEqual([
    { status: 'acknowledged', sequence: 4, stored: false },
    { status: 'acknowledged', sequence: 5, stored: true },
    { status: 'refused' },
    { status: 'gap', acknowledged: 5 },
  ]);
  expect(highest).toBe(5);
});

test('retention deletes what is older, agents not seen since, forgotten epochs, and tokens that were never used', async () => {
  const claim = { clusterId, epoch: 'e', owner: 'c1' };
  await store.hello(claim);
  await store.store(claim, [frame(1), frame(2)]);
  await database.query(`UPDATE spans SET received_at = now() - interval '8 days' WHERE name = 'span 1'`);
  await database.query(`UPDATE traces SET updated_at = now() - interval '8 days' WHERE root_name = 'span 1'`);
  expect(await deleteExpired(database, { days: 7 })).toBe(2);
  expect([await count('spans'), await count('traces'), await count('epochs'), await count('cluster_tokens')]).toEqual([
    1, 1, 1, 1,
  ]);
  await database.query(`UPDATE agents SET seen_at = now() - interval '8 days'`);
  expect(await deleteExpired(database, { days: 7 })).toBe(1);
  expect(await count('agents')).toBe(0);
  await database.query(`UPDATE epochs SET updated_at = now() - interval '31 days'`);
  await database.query(`UPDATE cluster_tokens SET created_at = now() - interval '2 hours'`);
  await deleteExpired(database, { days: 7 });
  expect([await count('epochs'), await count('cluster_tokens')]).toEqual([0, 0]);
});

test('retention deletes tokens that were revoked or have expired long ago, and no others', async () => {
  const clusters = new ClusterStore(database);
  const tokens = [1, 2, 3].map(async () => (await clusters.issueToken(clusterId)) ?? '');
  const [kept = '', ...revoked] = await Promise.all(tokens);
  for (const token of [kept, ...revoked]) await clusters.authorize(clusterId, token);
  await clusters.revokeTokensExcept(clusterId, kept);
  const [endless, brief] = [
    await clusters.createRegistrationToken('a'),
    await clusters.createRegistrationToken('b', 60),
  ];
  await deleteExpired(database, { days: 7 });
  expect([await count('cluster_tokens'), await count('registration_tokens')]).toEqual([4, 2]);
  await database.query(`UPDATE cluster_tokens SET revoked_at = revoked_at - interval '31 days'`);
  await database.query(`UPDATE registration_tokens SET expires_at = expires_at - interval '31 days'`);
  await deleteExpired(database, { days: 7 });
  expect(await clusters.authorize(clusterId, kept)).toMatchObject({ clusterId });
  expect(await clusters.acceptsRegistrationToken(endless.token)).toBe(true);
  expect(await clusters.revokeRegistrationToken(brief.id)).toBe(false);
  expect([await count('cluster_tokens'), await count('registration_tokens')]).toEqual([1, 1]);
});
