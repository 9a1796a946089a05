import { createServer } from 'node:https';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { makeCertificate } from '../fixtures/certificate.ts';
import { runCommand, until } from '../fixtures/relayer-process.ts';
import { Sender } from '../fixtures/sender.ts';
import { disposeLater, setUp } from '../fixtures/set-up.ts';

/** TLS in front of a backend, under the base path /base, which it takes away. */
async function startTls(backendUrl: string): Promise<{ url: string; cert: string }> {
  const certificate = makeCertificate();
  const target = new URL(backendUrl);
  const strip = (url = ''): string => url.replace(/^\/base/, '') || '/';
  const server = createServer(certificate, (request, response) => {
    if (!request.url?.startsWith('/base/')) return void response.writeHead(404).end();
    const outgoing = httpRequest(
      {
        host: target.hostname,
        port: target.port,
        method: request.method,
        path: strip(request.url),
        headers: request.headers,
      },
      (incoming) => {
        response.writeHead(incoming.statusCode ?? 500, incoming.headers);
        incoming.pipe(response);
      },
    );
    request.pipe(outgoing);
  });
  server.on('upgrade', (request, near) => {
    const far = connect(Number(target.port), target.hostname, () => {
      const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
      far.write(`GET ${strip(request.url)} HTTP/1.1\r\n${headers.join('')}\r\n`);
      far.pipe(near);
      near.pipe(far);
    });
    far.on('error', () => near.destroy());
    near.on('error', () => far.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  disposeLater(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `https://localhost:${(server.address() as AddressInfo).port}/base`, cert: certificate.cert };
}

test('wss with a private CA, a base path and Access headers; without the CA the reason is told', async () => {
  const { backend, relayer } = await setUp();
  const { url, cert } = await startTls(backend.url);
  relayer.env['BACKEND_URL'] = url;
  await relayer.start();
  await until('the refusal is told', async () =>
    /self-signed|self_signed|SELF_SIGNED/i.test(JSON.stringify(await relayer.health())),
  );
  relayer.files.write('var/run/consonant/access/clientId', 'id.access');
  relayer.files.write('var/run/consonant/access/clientSecret', 'access-secret-value');
  // Last: with it the next attempt succeeds.
  relayer.files.write('var/run/consonant/backend-ca/ca.crt', cert);
  const sender = new Sender(relayer.ports.grpc, { items: 5 });
  await sender.run(2, 20);
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
  expect(backend.connections.at(-1)?.headers).toMatchObject({
    'cf-access-client-id': 'id.access',
    'cf-access-client-secret': 'access-secret-value',
  });
  const check = await runCommand(['check', '--root', relayer.files.root], relayer.env);
  expect(check).toMatchObject({ code: 0, output: expect.stringContaining('TLSv1.3, certificate valid until') });
  expect(relayer.output).not.toContain('access-secret-value');
});
