import { randomBytes } from 'node:crypto';
import { io } from 'socket.io-client';
import type { Browser, Page } from 'playwright-core';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RelayerProcess } from '../../../../relayer/test/fixtures/relayer-process.ts';
import type { Pulse } from '../../src/viewers/views.ts';
import { launchBrowser, MISSING_BROWSER, openPage } from '../fixtures/browser.ts';
import { Balancer, NodeProcess } from '../fixtures/cluster-of-nodes.ts';
import { runConformance } from '../fixtures/conformance.ts';
import { pause, register, TOKENS, until, type Credentials } from '../fixtures/node.ts';
import { connectPeer } from '../fixtures/relayer-peer.ts';
import { MISSING_SERVERS, PostgresServer, RedisServer } from '../fixtures/servers.ts';
import { makeSpans } from '../fixtures/spans.ts';
import { describeWith } from '../fixtures/tiers.ts';

describeWith(MISSING_SERVERS, 'two nodes on PostgreSQL and Redis', () => {
  let postgres: PostgresServer;
  let redis: RedisServer;
  let nodes: [NodeProcess, NodeProcess];
  let balancer: Balancer;
  let relayer: RelayerProcess;
  let cluster: Credentials;
  let sql: pg.Pool;
  let browser: Browser | undefined;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    [postgres, redis] = [await PostgresServer.create(), await RedisServer.create()];
    await Promise.all([postgres.start(), redis.start()]);
    sql = new pg.Pool({ connectionString: postgres.url });
    sql.on('error', () => undefined);
    const environment = { DATABASE_URL: postgres.url, REDIS_URL: redis.url };
    // At once: the migrations of both take turns.
    nodes = await Promise.all([NodeProcess.start('node-a', environment), NodeProcess.start('node-b', environment)]);
    balancer = new Balancer(nodes);
    await balancer.start();
    cluster = (await register(balancer.url, { name: 'faults' })).body;
    relayer = await RelayerProcess.create({ BACKEND_URL: balancer.url });
    relayer.files.credentials(cluster.id, cluster.token);
    await relayer.start();
    if (MISSING_BROWSER.length > 0) return;
    browser = await launchBrowser();
    ({ page, problems } = await openPage(browser, balancer.url));
  });
  afterAll(async () => {
    await browser?.close();
    await relayer?.dispose();
    await balancer?.stop();
    await Promise.all((nodes ?? []).map((node) => node.stop('SIGTERM')));
    await sql?.end();
    await redis?.dispose();
    await postgres?.dispose();
  });

  /** Sends requests to the relayer until told to stop. @returns ids of the spans that it has accepted */
  function startLoad(): { accepted: Set<string>; stop: () => Promise<void> } {
    const accepted = new Set<string>();
    let running = true;
    const loop = (async () => {
      while (running) {
        const ids = Array.from({ length: 20 }, () => randomBytes(8).toString('hex'));
        const traceId = randomBytes(16).toString('hex');
        const body = makeSpans(ids.map((spanId) => ({ traceId, spanId, agent: 'load-agent' })));
        const response = await relayer.post('/v1/traces', body).catch(() => undefined);
        if (response?.status === 200) for (const id of ids) accepted.add(id);
        await pause(10);
      }
    })();
    const stop = async (): Promise<void> => {
      running = false;
      await loop;
    };
    return { accepted, stop };
  }

  async function storedOf(ids: ReadonlySet<string>): Promise<number> {
    const { rows } = await sql.query<{ n: string }>('SELECT count(*) AS n FROM spans WHERE span_id = ANY($1)', [
      [...ids],
    ]);
    return Number(rows[0]?.n);
  }

  async function expectAllStored(ids: ReadonlySet<string>): Promise<void> {
    expect(ids.size).toBeGreaterThan(500);
    await until('all accepted spans are stored', async () => (await storedOf(ids).catch(() => -1)) === ids.size);
    const { rows } = await sql.query(
      'SELECT count(*) AS n FROM traces t WHERE t.spans <> (SELECT count(*) FROM spans s WHERE s.trace_id = t.trace_id)',
    );
    expect(rows).toEqual([{ n: '0' }]);
  }

  /** At node-b. */
  async function revoke(clusterId: string): Promise<number> {
    const headers = { authorization: `Bearer ${TOKENS.admin}` };
    return (await fetch(`${nodes[1].url}/api/v1/clusters/${clusterId}`, { method: 'DELETE', headers })).status;
  }

  /** The page was open during the fault: it shows what comes next, and nobody reloads it. */
  function pageRecovers(fault: string): void {
    describeWith(MISSING_BROWSER, `the page that was open while ${fault}`, () => {
      test('is live again by itself and shows what comes next', async () => {
        const agent = `after ${fault}`;
        expect((await relayer.post('/v1/traces', makeSpans([{ agent }]))).status).toBe(200);
        await page.getByText('live').first().waitFor();
        await page.getByRole('option', { name: agent }).first().waitFor();
        expect(problems).toEqual([]);
      });
    });
  }

  async function listen(url: string): Promise<{ pulses: Pulse[]; close: () => void }> {
    const pulses: Pulse[] = [];
    const socket = io(`${url}/viewer`, { transports: ['websocket'], auth: { token: TOKENS.access }, forceNew: true });
    socket.on('pulse', (pulse: Pulse) => pulses.push(pulse));
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    return { pulses, close: () => void socket.disconnect() };
  }

  test('passes the conformance suite, every connection at another node', async () => {
    const { code, output } = await runConformance(balancer.url);
    expect(output).toMatch(/Tests\s+\d+ passed/);
    expect(output).not.toMatch(/failed|skipped/);
    expect(code).toBe(0);
  });

  test('a page at one node sees what relayers send to the other, and both nodes know all connections', async () => {
    const viewer = await listen(nodes[1].url);
    const heard = (spans: number): boolean =>
      viewer.pulses.some((pulse) => pulse.node === 'node-a' && pulse.spans === spans);
    await until('what came before is told', () => heard(0));
    const peer = await connectPeer(nodes[0].url, cluster, { instance: 'at-node-a' });
    expect(await peer.send(makeSpans(Array.from({ length: 7 }, () => ({}))))).toMatchObject({ status: 'acknowledged' });
    await until('the pulse of node-a at node-b', () => heard(7));
    const { rows } = await sql.query('SELECT node FROM connections WHERE instance = $1', ['at-node-a']);
    expect(rows).toEqual([{ node: 'node-a' }]);
    peer.close();
    viewer.close();
  });

  test('an epoch that moves to the other node: the old connection stores nothing more', async () => {
    const old = await connectPeer(nodes[0].url, cluster);
    await old.send(makeSpans([{}]));
    const moved = await connectPeer(nodes[1].url, cluster, { epoch: old.epoch });
    expect(moved.sequence).toBe(1);
    const ended = old.disconnected();
    old.send(makeSpans([{ name: 'too late' }])).catch(() => undefined);
    await ended;
    expect(await moved.send(makeSpans([{}]))).toEqual({ status: 'acknowledged', sequence: 2 });
    expect((await sql.query(`SELECT 1 FROM spans WHERE name = 'too late'`)).rows).toEqual([]);
    moved.close();
  });

  test('a cluster that is revoked at one node loses its connections at the other', async () => {
    const { body } = await register(nodes[0].url);
    const peer = await connectPeer(nodes[0].url, body);
    const ended = peer.disconnected();
    expect(await revoke(body.id)).toBe(204);
    await ended;
  });

  test('one of two nodes is killed under load, again and again: no acknowledged span is lost', async () => {
    const { accepted, stop } = startLoad();
    for (const node of [nodes[0], nodes[1], nodes[0]]) {
      await pause(1_200);
      await node.stop('SIGKILL');
      await pause(800);
      await node.start();
    }
    await pause(1_000);
    await stop();
    await expectAllStored(accepted);
  });
  pageRecovers('nodes were killed');

  test('PostgreSQL crashes and comes back under load: no acknowledged span is lost', async () => {
    const { accepted, stop } = startLoad();
    await pause(1_500);
    await postgres.stop('SIGQUIT');
    await pause(2_000);
    expect((await nodes[0].health())?.status).toBe('degraded');
    await postgres.start();
    await pause(1_500);
    await stop();
    await expectAllStored(accepted);
    await until('the node is well again', async () => (await nodes[0].health())?.status === 'ok');
  });
  pageRecovers('PostgreSQL was away');

  test('Redis is cut under load: nothing is lost, each node goes on for its own pages, then all see all again', async () => {
    const viewer = await listen(nodes[1].url);
    const { body: revoked } = await register(nodes[0].url);
    const ended = (await connectPeer(nodes[0].url, revoked)).disconnected();
    const { accepted, stop } = startLoad();
    await pause(800);
    await redis.stop('SIGKILL');
    const before = viewer.pulses.length;
    await until('node-b still tells its own page', () =>
      viewer.pulses.slice(before).some(({ node }) => node === 'node-b'),
    );
    // node-a hears of it from the database.
    expect(await revoke(revoked.id)).toBe(204);
    await ended;
    await pause(1_500);
    await redis.start();
    const since = viewer.pulses.length;
    await until('the pulses of node-a come again', () =>
      viewer.pulses.slice(since).some(({ node }) => node === 'node-a'),
    );
    await stop();
    await expectAllStored(accepted);
    viewer.close();
  });
  pageRecovers('Redis was away');

  test('SIGTERM: the node answers what it has, and ends with 0', async () => {
    const { accepted, stop } = startLoad();
    await pause(800);
    expect(await nodes[0].stop('SIGTERM')).toBe(0);
    await pause(800);
    await stop();
    await expectAllStored(accepted);
    expect(nodes[0].output).not.toContain(TOKENS.access);
  });
});
