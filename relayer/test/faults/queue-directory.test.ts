import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { freePort, runCommand, until } from '../fixtures/relayer-process.ts';
import { Sender } from '../fixtures/sender.ts';
import { setUp } from '../fixtures/set-up.ts';

test('TwoProcesses: a second relayer on the queue directory ends with 69, the first one loses nothing', async () => {
  const { backend, relayer } = await setUp();
  await relayer.start();
  const sender = new Sender(relayer.ports.grpc, { items: 5 });
  const sending = sender.run(10);
  const ports = {
    OTLP_GRPC_PORT: String(await freePort()),
    OTLP_HTTP_PORT: String(await freePort()),
    HEALTH_PORT: String(await freePort()),
  };
  const second = await runCommand(['run', '--root', relayer.files.root], { ...relayer.env, ...ports });
  expect(second.code).toBe(69);
  expect(second.output).toContain(`${relayer.files.queue} is in use by another relayer process`);
  expect(second.output).not.toContain('the queue is empty');
  sender.stop();
  await sending;
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(sender.acknowledged.size).toBeGreaterThan(50);
  expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
  // Killed, it leaves its lock behind, which is nobody's.
  await relayer.kill();
  expect(await relayer.start()).toBeLessThan(5_000);
});

test('a request larger than the queue is bad input, one that waits for room is not', async () => {
  const { relayer } = await setUp({ QUEUE_MAX_BYTES: String(1 << 20) });
  await relayer.start();
  const large = await relayer.post('/v1/traces', new RequestTemplate({ items: 1, textBytes: 1 << 20 }).make(1));
  expect(large.status).toBe(413);
  expect(large.headers.get('retry-after')).toBeNull();
  expect(await large.text()).toContain('QUEUE_MAX_BYTES');
  expect(await relayer.metric('relayer_otel_requests_total', 'outcome="too_large"')).toBe(1);
  expect((await relayer.post('/v1/traces', new RequestTemplate({ items: 1 }).make(2))).status).toBe(200);
});

test('files that are called like segments are ignored with a warning', async () => {
  const { backend, relayer } = await setUp();
  mkdirSync(join(relayer.files.queue, '0000000002.segment'), { recursive: true });
  writeFileSync(join(relayer.files.queue, '9999999999.segment'), 'text');
  await relayer.start();
  expect(relayer.output).toMatch(/"level":"warn".*Ignored in the queue directory.*9999999999\.segment/);
  const sender = new Sender(relayer.ports.grpc, { items: 5 });
  await sender.run(5, 50);
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
});

test('UnwritableDeadLetters: what is refused waits while the rest goes on, and is written once it can be', async () => {
  const { backend, relayer } = await setUp();
  const letters = join(relayer.files.queue, 'dead-letters');
  mkdirSync(letters, { recursive: true });
  await relayer.start();
  backend.faults.refuse = 'id:000000000003;';
  const sender = new Sender(relayer.ports.grpc, { items: 1 });
  await sender.run(1, 6);
  await until('the rest is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(backend.effects.size).toBe(5);
  expect(relayer.output).toMatch(/"level":"warn".*Dead letters can not be written: they wait.*EISDIR/);
  await relayer.kill();
  rmdirSync(letters);
  await relayer.start();
  expect(readFileSync(letters, 'latin1')).toContain('id:000000000003;');
  expect(relayer.output).toContain('The dead letters that waited in the queue were written');
  expect(await relayer.metric('relayer_dead_letters_lost_total')).toBe(0);
});

test('DeletedFiles: said and counted, and what comes later is in new ones', async () => {
  const { backend, relayer } = await setUp();
  await relayer.start();
  const sender = new Sender(relayer.ports.grpc, { items: 5 });
  await sender.run(5, 50);
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  for (const name of ['0000000002.segment', 'cursor']) rmSync(join(relayer.files.queue, name));
  await until('it is noticed', async () => (await relayer.metric('relayer_queue_files_deleted_total')) === 2);
  expect(relayer.output).toMatch(/"level":"error".*deleted by somebody.*"file":"cursor"/);
  await sender.run(5, 100);
  await relayer.kill();
  await relayer.start();
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
  expect(await relayer.metric('relayer_queue_damaged_records_total')).toBe(0);
});
