import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { deadlineIn } from '../../src/component.ts';
import { CredentialSource } from '../../src/config/credentials.ts';
import { filesUnder } from '../../src/config/files.ts';
import { Uplink } from '../../src/deliver/uplink.ts';
import { Logger } from '../../src/observe/logger.ts';
import { Metrics } from '../../src/observe/metrics.ts';
import { backendEndpoint } from '../../src/protocol/backend-endpoint.ts';
import { realDisk, type Disk } from '../../src/queue/disk.ts';
import { DiskQueue } from '../../src/queue/disk-queue.ts';
import { faultyDisk } from '../fixtures/full-disk.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { freePort, pause, PodFiles, until } from '../fixtures/relayer-process.ts';
import { MemoryBackend } from '../protocol/memory-backend.ts';

const cleanUps: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Options {
  readonly failureThreshold?: number;
  readonly reconnect?: boolean;
  readonly timeoutMs?: number;
  readonly disk?: Disk;
}

/** An uplink with its queue, and a backend (not yet started) for it. */
async function setUp({ failureThreshold = 1000, reconnect = true, timeoutMs = 2000, disk = realDisk }: Options = {}) {
  const backend = new MemoryBackend({ port: await freePort() });
  backend.addCluster('cluster_1', 'secret-token-1');
  const files = new PodFiles();
  files.credentials('cluster_1', 'secret-token-1');
  const directory = files.queue;
  const queue = new DiskQueue({
    directory,
    disk,
    maxBytes: 64 << 20,
    fsync: false,
    onDamage: () => {},
    onWritable: () => {},
  });
  await queue.start();
  const lines: { level: string; msg: string; detail?: string; reason?: string }[] = [];
  const metrics = new Metrics();
  const uplink = new Uplink({
    queue,
    credentials: new CredentialSource(filesUnder(files.root), () => {}),
    endpoint: () =>
      backendEndpoint({ url: url(), socketPath: '/socket.io', proxyUrl: '', noProxy: '', ca: undefined, headers: {} }),
    instance: 'test-0',
    timeoutMs,
    reconnect,
    backoff: { delayMs: 10, maxDelayMs: 50, multiplier: 2, randomization: 0 },
    breaker: { enabled: true, failureThreshold, successThreshold: 2, timeoutMs: 60_000, halfOpenMaxAttempts: 2 },
    metrics,
    log: new Logger({ level: 'info', pod: '', write: (line) => void lines.push(JSON.parse(line) as never) }),
  });
  let port: number | undefined;
  const url = (): string => (port === undefined ? backend.url : `http://127.0.0.1:${port}`);
  await backend.start();
  await backend.stop();
  cleanUps.push(async () => {
    await uplink.stop(deadlineIn(0));
    await backend.stop();
    await queue.stop();
    files.remove();
  });
  const metric = (name: string, labels = ''): number => {
    const found = metrics.print().match(new RegExp(`^${name}(\\{[^}]*${labels}[^}]*\\})? (.+)$`, 'm'));
    return Number(found?.[2] ?? 0);
  };
  const store = (id: number, payload = template.make(id)): Promise<unknown> =>
    new Promise((resolve) => queue.offer({ signal: 'traces', items: 1, payload }, resolve));
  return { backend, queue, uplink, lines, metric, store, useInstead: (other: number) => void (port = other) };
}

const template = new RequestTemplate({ items: 1, textBytes: 20 });
const protocolFailures = (metric: (name: string, labels: string) => number): number =>
  metric('relayer_connection_failures_total', 'reason="protocol"');

test('AckOfAFrameNeverSent: a protocol failure, told loudly; nothing is released, and all arrives once it is mended', async () => {
  const { backend, queue, uplink, lines, metric, store } = await setUp();
  // Answers without storing anything.
  backend.faults.refuse = 'id:';
  backend.faults.answer = () => ({ status: 'acknowledged', sequence: 999_999 });
  await backend.start();
  await store(1);
  await uplink.start();
  await until('it failed twice', () => protocolFailures(metric) >= 2);
  expect(metric('relayer_otel_forwarded_total', 'traces')).toBe(0);
  expect([queue.acknowledged, queue.isEmpty()]).toEqual([0, false]);
  expect(lines.find(({ level }) => level === 'error')).toMatchObject({
    msg: 'Backend connection lost',
    reason: 'protocol',
    detail: 'frame 1 was acknowledged as 999999',
    action: expect.stringContaining('PROTOCOL.md'),
  });
  Object.assign(backend.faults, { answer: undefined, refuse: undefined });
  await until('it is delivered', () => queue.isEmpty());
  expect([...backend.effects.values()]).toEqual([1]);
});

test('EndlessGap: a gap that says it has the frame costs the connection, not an endless loop', async () => {
  const { backend, queue, uplink, metric, store } = await setUp();
  backend.faults.refuse = 'id:';
  backend.faults.answer = (_answer, { sequence }) => ({ status: 'gap', acknowledged: sequence });
  await backend.start();
  await store(1);
  await uplink.start();
  await until('it failed twice', () => protocolFailures(metric) >= 2);
  Object.assign(backend.faults, { answer: undefined, refuse: undefined });
  await until('it is delivered', () => queue.isEmpty());
  expect([...backend.effects.values()]).toEqual([1]);
});

test('HelloOfANewEpoch: frames nobody sent are not believed; nothing is sent until the answer is 0', async () => {
  const { backend, queue, uplink, lines, metric, store } = await setUp();
  backend.faults.hello = 5;
  await backend.start();
  await store(1);
  await uplink.start();
  await until('it failed twice', () => protocolFailures(metric) >= 2);
  expect(backend.received.frames).toBe(0);
  expect(lines.find(({ level }) => level === 'error')?.detail).toBe(
    'the answer to hello is that 5 frames of an epoch are there which has just begun',
  );
  expect(queue.isEmpty()).toBe(false);
  backend.faults.hello = undefined;
  await until('it is delivered', () => queue.isEmpty());
  expect([...backend.effects.values()]).toEqual([1]);
});

test('RestoredVolume: a backend that has more of the epoch than was sent gets everything under a new one', async () => {
  const { backend, queue, uplink, lines, store } = await setUp();
  const { epoch } = queue;
  backend.faults.hello = 5;
  await backend.start();
  await store(1);
  await uplink.start();
  await until('a new epoch was begun', () => queue.epoch !== epoch);
  backend.faults.hello = undefined;
  await until('it is delivered', () => queue.isEmpty());
  expect([...backend.effects.values()]).toEqual([1]);
  expect(lines.some(({ msg }) => msg.includes('beginning a new epoch'))).toBe(true);
});

test('Flapping: connections that end right after the greeting are failed attempts and open the breaker', async () => {
  const { backend, uplink, metric } = await setUp({ failureThreshold: 3 });
  backend.faults.hangUp = true;
  await backend.start();
  await uplink.start();
  await until('the breaker is open', () => metric('relayer_circuit_breaker_state') === 2);
  expect(backend.connections).toHaveLength(3);
  await pause(300);
  expect(backend.connections).toHaveLength(3);
});

test('UnreadableSector: connections that end because the queue can’t be read don’t open the breaker', async () => {
  const { disk, faults } = faultyDisk();
  const { backend, queue, uplink, metric, store } = await setUp({ failureThreshold: 3, disk });
  backend.faults.loseAnswers = 1;
  await backend.start();
  await uplink.start();
  // Read from the file, for it is too large for the ring, and anew: it is kept for a second.
  await store(1, new RequestTemplate({ items: 1, textBytes: 600_000 }).make(1));
  await until('it is there', () => backend.effects.size === 1);
  await pause(1200);
  faults.badBytes = [0, Number.POSITIVE_INFINITY];
  backend.disconnectAll();
  const failures = (): number => metric('relayer_connection_failures_total', 'reason="queue"');
  await until('connections end', () => failures() >= 6);
  expect(metric('relayer_circuit_breaker_state')).toBe(0);
  faults.badBytes = undefined;
  await until('the acknowledgement is known', () => queue.isEmpty());
});

test('a connection over which a frame was acknowledged is no failed attempt, however short', async () => {
  const { backend, uplink, metric, store } = await setUp({ failureThreshold: 3 });
  backend.faults.answer = (answer) => {
    setTimeout(() => backend.disconnectAll(), 10);
    return answer;
  };
  await backend.start();
  await uplink.start();
  for (let id = 1; id <= 6; id++) {
    await store(id);
    await until('it was delivered', () => backend.effects.size === id);
  }
  expect(metric('relayer_circuit_breaker_state')).toBe(0);
});

test('LostConnection: what was given up is given up once, and neither sent again nor counted as forwarded', async () => {
  const { backend, queue, uplink, metric, store } = await setUp();
  backend.faults.refuse = 'id:';
  // The connection ends before each acknowledgement of a frame with nothing in it.
  backend.faults.answer = (answer, { sections }) => {
    if (sections.length === 0) backend.disconnectAll();
    return answer;
  };
  await backend.start();
  await store(1);
  await uplink.start();
  await until('the connection was lost', () => metric('relayer_connection_failures_total', 'closed') >= 1);
  await until('it is settled', () => queue.isEmpty());
  expect(metric('relayer_dead_lettered_total', 'refused')).toBe(1);
  expect(metric('relayer_otel_forwarded_total', 'traces')).toBe(0);
});

async function secondsToStop(uplink: Uplink): Promise<number> {
  const begin = performance.now();
  await uplink.stop(deadlineIn(15_000));
  return (performance.now() - begin) / 1000;
}

test('stop: quick when the backend is down or hangs, or was given up; what is queued stays queued', async () => {
  const down = await setUp();
  await down.store(1);
  await down.uplink.start();
  expect(await secondsToStop(down.uplink)).toBeLessThan(6);
  expect(down.queue.isEmpty()).toBe(false);

  const hanging = await setUp({ timeoutMs: 30_000 });
  const silent = createServer((socket) => socket.resume().on('error', () => {}));
  cleanUps.push(() => void silent.close());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  hanging.useInstead((silent.address() as { port: number }).port);
  await hanging.store(1);
  await hanging.uplink.start();
  expect(await secondsToStop(hanging.uplink)).toBeLessThan(6);
  expect(hanging.queue.isEmpty()).toBe(false);

  const givenUp = await setUp({ reconnect: false });
  await givenUp.store(1);
  await givenUp.uplink.start();
  await until('it was given up', () => givenUp.lines.some(({ msg }) => msg.includes('not connecting again')));
  expect(await secondsToStop(givenUp.uplink)).toBeLessThan(1);
});

test('stop: a slow backend over a living connection gets the time it needs', async () => {
  const { backend, queue, uplink, store } = await setUp({ timeoutMs: 10_000 });
  backend.faults.delayMs = 5_000;
  await backend.start();
  await store(1);
  await uplink.start();
  await until('connected', () => uplink.status.connected);
  expect(await secondsToStop(uplink)).toBeGreaterThan(3);
  expect([queue.isEmpty(), backend.effects.size]).toEqual([true, 1]);
}, 30_000);
