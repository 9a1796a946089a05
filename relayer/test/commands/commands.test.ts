import { rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { freePort, PodFiles, runCommand, until } from '../fixtures/relayer-process.ts';
import { disposeLater, setUp } from '../fixtures/set-up.ts';

test('an unknown command or option says how to use it: 64', async () => {
  expect(await runCommand([], {})).toMatchObject({
    code: 64,
    output: expect.stringContaining('usage: relayer <command>'),
  });
  expect((await runCommand(['run', '--token', 'x'], {})).code).toBe(64);
  expect((await runCommand(['toString'], {})).code).toBe(64);
});

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
      /FAILED {2}backend API {8}the credentials are refused[^]+FAILED {2}Socket.IO .+unauthorized/,
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
