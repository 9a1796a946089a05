import { io, type Socket } from 'socket.io-client';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { register, TestNode, TOKENS } from '../fixtures/node.ts';
import { connectPeer } from '../fixtures/relayer-peer.ts';
import { MISSING_SERVERS, PostgresServer } from '../fixtures/servers.ts';
import { makeSpans } from '../fixtures/spans.ts';
import { describeWith } from '../fixtures/tiers.ts';

describeWith(MISSING_SERVERS, 'a node at PostgreSQL', () => {
  let postgres: PostgresServer;
  let node: TestNode;

  beforeAll(async () => {
    postgres = await PostgresServer.create();
    await postgres.start();
    node = await new TestNode({ DATABASE_URL: postgres.url }).start();
  });
  afterAll(async () => {
    await node?.stop();
    await postgres?.dispose();
  });

  async function openViewer(): Promise<Socket> {
    const socket = io(`${node.url}/viewer`, {
      transports: ['websocket'],
      auth: { token: TOKENS.access },
      forceNew: true,
    });
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    return socket;
  }

  test('a migration has no limit of time, every other statement has', async () => {
    const { database } = node.backend;
    await database.execute(`
      CREATE TABLE limits (value text);
      INSERT INTO limits SELECT current_setting('statement_timeout');
      SELECT pg_sleep(26)`);
    expect(await node.value('SELECT value FROM limits')).toBe('0');
    expect(await node.value(`SELECT current_setting('statement_timeout')`)).toBe('20s');
  });

  test('pages that wait for slow answers keep no frame waiting', async () => {
    const peer = await connectPeer(node.url, (await register(node.url)).body);
    const blocker = new pg.Client({ connectionString: postgres.url });
    await blocker.connect();
    await blocker.query('BEGIN; LOCK TABLE logs IN ACCESS EXCLUSIVE MODE');
    const viewers = await Promise.all([openViewer(), openViewer()]);
    const answers = viewers.flatMap((viewer) =>
      Array.from({ length: 8 }, () => viewer.timeout(60_000).emitWithAck('logs', {}) as Promise<unknown>),
    );
    expect(await peer.send(makeSpans([{}]))).toEqual({ status: 'acknowledged', sequence: 1 });
    await blocker.query('COMMIT');
    expect(await Promise.all(answers)).toContainEqual({ value: [] });
    await blocker.end();
    for (const viewer of viewers) viewer.disconnect();
    peer.close();
  });
});
