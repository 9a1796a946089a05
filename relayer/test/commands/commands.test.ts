import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeCertificate } from '../fixtures/certificate.ts';
import { freePort, PodFiles, runCommand, until, type Exit } from '../fixtures/relayer-process.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { disposeLater, setUp } from '../fixtures/set-up.ts';

test('an unknown command or option says how to use it: 64', async () => {
  expect(await runCommand([], {})).toMatchObject({
    code: 64,
    output: expect.stringContaining('usage: relayer <command>'),
  });
  expect((await runCommand(['run', '--token', 'x'], {})).code).toBe(64);
  expect((await runCommand(['toString'], {})).code).toBe(64);
});

test.each(['run', 'register', 'check', 'probe'])('%s --help and -h print how to use it: 0', async (command) => {
  for (const args of [[command, '--help'], [command, '--root', '/nowhere', '-h'], ['--help']])
    expect(await runCommand(args, {})).toEqual({ code: 0, output: expect.stringMatching(/^usage: relayer <command>/) });
});

test('an option says what is wrong with it, and is never repeated: 64', async () => {
  expect(await runCommand(['run', '--host', 'secret-value'], {})).toMatchObject({
    code: 64,
    output: expect.stringMatching(/^relayer: argument 2 is no option of `run`(?![^]*secret-value)/),
  });
  expect(await runCommand(['check', '--root'], {})).toMatchObject({
    code: 64,
    output: expect.stringMatching(/^relayer: `--root` has no value/),
  });
  for (const command of ['probe', 'register'])
    for (const value of ['x', '0', '1.5', '-1', 'NaN'])
      expect(await runCommand([command, '--timeout-seconds', value], {})).toMatchObject({
        code: 64,
        output: expect.stringContaining('must be an integer from 1 to 86399'),
      });
}, 90_000);

test('run without configuration: all problems in one line of JSON, 64', async () => {
  const { code, output } = await runCommand(['run'], { OTLP_GRPC_PORT: 'tcp://10.0.0.1:1' });
  expect(code).toBe(64);
  const line = JSON.parse(output) as { level: string; msg: string };
  expect(line.level).toBe('error');
  for (const variable of ['CLUSTER_NAME', 'BACKEND_URL', 'OTLP_GRPC_PORT']) expect(line.msg).toContain(variable);
});

test('a port that is taken: 69 and which one', async () => {
  const { relayer } = await setUp();
  await relayer.start();
  const files = new PodFiles();
  disposeLater(() => files.remove());
  const second = await runCommand(['run', '--root', files.root], {
    ...relayer.env,
    HEALTH_PORT: String(await freePort()),
  });
  expect(second).toMatchObject({
    code: 69,
    output: expect.stringContaining(`can't listen on port ${relayer.ports.grpc}`),
  });
});

test('a start that fails ends at once, also with a backlog and a backend that is slow', async () => {
  const { backend, relayer } = await setUp({ BACKEND_CONNECTION_TIMEOUT_SECONDS: '30' });
  await backend.stop();
  await relayer.start();
  expect((await relayer.post('/v1/traces', new RequestTemplate({ items: 1 }).make(1))).status).toBe(200);
  await relayer.kill();
  backend.faults.delayMs = 60_000;
  await backend.start();
  const taken = createServer().listen(relayer.ports.http);
  disposeLater(() => void taken.close());
  const begin = performance.now();
  expect((await runCommand(['run', '--root', relayer.files.root], relayer.env)).code).toBe(69);
  expect(performance.now() - begin).toBeLessThan(10_000);
});

test('probe sends every signal both ways and reads the health; 69 when nobody listens', async () => {
  const { backend, relayer } = await setUp({}, { trackIds: false });
  await relayer.start();
  const { code, output } = await runCommand(['probe', '--host', '127.0.0.1', '--timeout-seconds', '5'], relayer.env);
  expect(code).toBe(0);
  expect(output.match(/^ok/gm)).toHaveLength(7);
  await until('everything is delivered', () => backend.received.items === 6);
  await relayer.kill();
  expect(await runCommand(['probe', '--host', '127.0.0.1', '--timeout-seconds', '1'], relayer.env)).toMatchObject({
    code: 69,
    output: expect.stringContaining('FAILED  gRPC traces     connect ECONNREFUSED'),
  });
});

test('check says what is wrong, step by step, with the exit code of the first failure', async () => {
  const { backend, relayer } = await setUp();
  const check = (): Promise<{ code: number | null; output: string }> =>
    runCommand(['check', '--root', relayer.files.root], relayer.env);
  expect(await check()).toMatchObject({ code: 0, output: expect.stringMatching(/^(ok {6}.+\n){8}$/) });
  backend.faults.revoked = true;
  expect(await check()).toMatchObject({
    code: 77,
    output: expect.stringMatching(
      /FAILED {2}backend API {8}the backend refuses this cluster's credentials \(401, unauthorized\)[^]+FAILED {2}Socket.IO .+unauthorized/,
    ),
  });
  relayer.files.credentials('', '');
  expect(await check()).toMatchObject({
    code: 77,
    output: expect.stringContaining('The cluster is not registered yet'),
  });
  await backend.stop();
  expect(await check()).toMatchObject({ output: expect.stringMatching(/FAILED {2}TCP .+ECONNREFUSED/) });
  relayer.env['BACKEND_URL'] = 'http://no-such-host.invalid';
  expect(await check()).toMatchObject({
    output: expect.stringMatching(/FAILED {2}DNS .+no-such-host\.invalid has no address/),
  });
  rmSync(relayer.files.queue, { recursive: true, force: true });
  writeFileSync(relayer.files.queue, 'a file in the way');
  expect(await check()).toMatchObject({
    code: 69,
    output: expect.stringMatching(/FAILED {2}queue directory .+can't be written/),
  });
  relayer.env['LOG_LEVEL'] = 'loud';
  expect(await check()).toMatchObject({ code: 64, output: expect.stringContaining('LOG_LEVEL') });
}, 90_000);

/** Answers everything alike; its URL. */
async function serve(status: number, headers: Record<string, string>, body = ''): Promise<string> {
  const server = createHttpServer((_request, response) => response.writeHead(status, headers).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  disposeLater(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([
  ['404', 404, 'text/plain', 76, /404 was answered where the API of a backend should be: is backend\.url/],
  ['a page', 200, 'text/html; charset=utf-8', 76, /a page of HTML \(200\) was answered/],
  ['a redirect', 302, 'text/html', 76, /a redirect \(302\) was answered.+cloudflare\.access\.existingSecret/],
  ['a page that refuses', 403, 'text/html', 77, /something in front of the backend lets no request pass \(403/],
  ['an overload', 503, 'text/html', 69, /the backend answered 503: try again later/],
])('check tells what is no backend: %s', async (_what, status, type, code, text) => {
  const { backend, relayer } = await setUp();
  await backend.stop();
  relayer.env['BACKEND_URL'] = await serve(status, { 'content-type': type, location: '/login' }, '<html></html>');
  const exit = await runCommand(['check', '--root', relayer.files.root], relayer.env);
  expect(exit.output.match(/FAILED {2}backend API .+/)?.[0]).toMatch(text);
  expect(exit.output).not.toContain('delete the Secret');
  expect(exit.code).toBe(code);
});

test('an answer that switches protocols is no answer: check and probe end with 69', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  disposeLater(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { relayer } = await setUp({ BACKEND_URL: `http://127.0.0.1:${port}` });
  expect(await runCommand(['check', '--root', relayer.files.root], relayer.env)).toMatchObject({
    code: 69,
    output: expect.stringMatching(/FAILED {2}backend API +the connection was closed without an answer/),
  });
  const env = { OTLP_GRPC_PORT: '1', OTLP_HTTP_PORT: String(port), HEALTH_PORT: '2' };
  expect(await runCommand(['probe', '--timeout-seconds', '1'], env)).toMatchObject({
    code: 69,
    output: expect.stringMatching(/FAILED {2}HTTP traces +the connection was closed without an answer/),
  });
}, 60_000);

test('check names the file that no header can carry, and not what is in it: 64', async () => {
  const { relayer } = await setUp();
  relayer.files.write('var/run/consonant/access/clientId', 'id.access\n');
  const check = (): Promise<Exit> => runCommand(['check', '--root', relayer.files.root], relayer.env);
  expect(await check()).toMatchObject({ code: 64, output: expect.stringMatching(/missing or empty: .+clientSecret/) });
  relayer.files.write('var/run/consonant/access/clientSecret', 'hunter2\nhunter3\n');
  const exit = await check();
  expect(exit.code).toBe(64);
  expect(exit.output).toMatch(/FAILED {2}backend API .+access\/clientSecret has a line break.+write it anew/);
  expect(exit.output).not.toMatch(/hunter/);
  // A line break at the end is what editors and `echo` leave.
  relayer.files.write('var/run/consonant/access/clientSecret', 'hunter2\r\n');
  expect((await check()).code).toBe(0);
}, 90_000);

test('check asks a host that is an address for its certificate without a server name', async () => {
  const names: unknown[] = [];
  const server = createTlsServer(makeCertificate(), (socket) => {
    names.push(socket.servername);
    socket.on('error', () => {}).end();
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  disposeLater(() => void server.close());
  const { relayer } = await setUp({ BACKEND_URL: `https://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const { output } = await runCommand(['check', '--root', relayer.files.root], relayer.env);
  expect(output).toMatch(/FAILED {2}TLS .+backend\.caSecret/);
  expect(output).not.toMatch(/Warning|DEP0123/);
  expect(names.filter(Boolean)).toEqual([]);
});
