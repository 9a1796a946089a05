import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NodeProcess } from '../fixtures/cluster-of-nodes.ts';
import { pause, register, until } from '../fixtures/node.ts';
import { MISSING_SERVERS, PostgresServer, RedisServer } from '../fixtures/servers.ts';
import { describeWith } from '../fixtures/tiers.ts';

describeWith(MISSING_SERVERS, 'a Redis that wants another password', () => {
  let postgres: PostgresServer;
  let redis: RedisServer;
  let node: NodeProcess | undefined;
  beforeAll(async () => {
    [postgres, redis] = [await PostgresServer.create(), await RedisServer.create()];
    await Promise.all([postgres.start(), redis.start()]);
  });
  afterAll(async () => {
    await node?.stop('SIGKILL');
    await Promise.all([postgres.dispose(), redis.dispose()]);
  });

  test('is logged and shown as degraded; the node goes on, and prints no password', async () => {
    await setPassword(redis.port, 'the-right-password');
    for (const [userinfo, problem] of [
      ['', 'NOAUTH'],
      [':the-wrong-password@', 'WRONGPASS'],
    ] as const) {
      const environment = { DATABASE_URL: postgres.url, REDIS_URL: redis.url.replace('//', `//${userinfo}`) };
      node = await NodeProcess.start('node-a', environment);
      await until('it is logged', () => node?.output.includes(problem) === true, 15_000);
      await pause(1_500);
      expect(await node.health()).toMatchObject({ status: 'degraded', redis: { ok: false } });
      expect((await register(node.url)).status).toBe(201);
      expect(await node.stop('SIGTERM')).toBe(0);
      expect(node.output).not.toContain('the-wrong-password');
    }
  });
});

function setPassword(port: number, password: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`CONFIG SET requirepass ${password}\r\n`));
    socket.once('error', reject);
    socket.once('data', () => {
      socket.destroy();
      resolve();
    });
  });
}
