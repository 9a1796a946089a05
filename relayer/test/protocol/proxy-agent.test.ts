import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { bypassesProxy } from '../../src/protocol/proxy-agent.ts';
import { until } from '../fixtures/relayer-process.ts';
import { Sender } from '../fixtures/sender.ts';
import { disposeLater, setUp } from '../fixtures/set-up.ts';

async function startProxy(authorization?: string): Promise<{ port: number; targets: string[] }> {
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer((_request, response) => response.writeHead(405).end());
  proxy.on('connect', (request: IncomingMessage, near: Socket) => {
    sockets.add(near);
    near.on('error', () => {});
    if (authorization && request.headers['proxy-authorization'] !== authorization)
      return void near.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    targets.push(request.url ?? '');
    const [host, port] = (request.url ?? '').split(':');
    const far = connect(Number(port), host, () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
    sockets.add(far);
    far.on('error', () => near.destroy());
    far.pipe(near);
    near.pipe(far);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  disposeLater(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (proxy.address() as AddressInfo).port, targets };
}

test('everything goes through the proxy, with its password, which no log shows', async () => {
  const { port, targets } = await startProxy(`Basic ${Buffer.from('user:pass word').toString('base64')}`);
  const { backend, relayer } = await setUp({ BACKEND_PROXY_URL: `http://user:pass%20word@127.0.0.1:${port}` });
  await relayer.start();
  const sender = new Sender(relayer.ports.grpc, { items: 5 });
  await sender.run(2, 20);
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
  expect(targets).toEqual([new URL(backend.url).host]);
  expect(relayer.output).not.toContain('pass');
});

test('a proxy that refuses is told in the health answer', async () => {
  const { port } = await startProxy('Basic nothing');
  const { relayer } = await setUp({ BACKEND_PROXY_URL: `http://127.0.0.1:${port}` });
  await relayer.start();
  await until('the refusal is told', async () =>
    JSON.stringify(await relayer.health()).includes('the proxy answered 407'),
  );
});

test.each([
  ['backend.example.com', 'example.com', true],
  ['backend.example.com', '.example.com', true],
  ['example.com', '.example.com', true],
  ['badexample.com', 'example.com', false],
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  ['10.1.2.3', 'x, 10.1.2.3', true],
  ['[fd00::1]', 'fc00::/7', true],
  ['anything', '*', true],
  ['anything', '', false],
  ['host', '10.0.0.0/99', false],
])('%s with noProxy %s: direct %s', (host, noProxy, direct) => {
  expect(bypassesProxy(host, noProxy)).toBe(direct);
});
