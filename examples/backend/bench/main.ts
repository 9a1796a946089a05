/*
 * What the backend stores a second, and how the page draws meanwhile. `npm run bench:backend`.
 * Sender, node and browser share this machine: the figures say what it does as a whole.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser, MISSING_BROWSER, openPage } from '../test/fixtures/browser.ts';
import { NodeProcess } from '../test/fixtures/cluster-of-nodes.ts';
import { measureFrames } from '../test/fixtures/frame-times.ts';
import { register } from '../test/fixtures/node.ts';
import { connectPeer, type RelayerPeer } from '../test/fixtures/relayer-peer.ts';
import { MISSING_SERVERS, PostgresServer } from '../test/fixtures/servers.ts';
import { makeSpans } from '../test/fixtures/spans.ts';
import { fill, makeTraces, startStream } from '../test/fixtures/volume.ts';

const MEASURED_SPANS = 50_000;
const SPANS_PER_FRAME = 500;
const IN_FLIGHT = 8;
const PAGE_SPANS = 100_000;
const FRAME_SECONDS = 10;

async function connectNode(
  environment: Readonly<Record<string, string>>,
): Promise<{ node: NodeProcess; peer: RelayerPeer }> {
  const node = await NodeProcess.start('bench', environment);
  const peer = await connectPeer(node.url, (await register(node.url)).body);
  await fill(peer, { spans: 5_000 });
  return { node, peer };
}

/** Frames are made before the clock starts. */
async function measureStore(name: string, { peer }: { peer: RelayerPeer }): Promise<void> {
  const frames = Array.from({ length: MEASURED_SPANS / SPANS_PER_FRAME }, () => makeTraces(SPANS_PER_FRAME));
  const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
  const begin = performance.now();
  const send = async (): Promise<void> => {
    for (let frame = frames.pop(); frame; frame = frames.pop()) {
      const answer = await peer.send(frame, 'traces', 120_000);
      if (answer['status'] !== 'acknowledged') throw new Error(`not acknowledged: ${JSON.stringify(answer)}`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, send));
  const seconds = (performance.now() - begin) / 1_000;
  const size = Math.round(bytes / MEASURED_SPANS);
  console.log(
    `${name.padEnd(12)} ${Math.round(MEASURED_SPANS / seconds)
      .toLocaleString('en-US')
      .padStart(7)} spans/s stored and acknowledged` +
      `  (${size} bytes a span, ${(bytes / 1_048_576 / seconds).toFixed(1)} MiB/s, ${seconds.toFixed(1)} s)`,
  );
}

async function measurePage({ node, peer }: { node: NodeProcess; peer: RelayerPeer }): Promise<void> {
  await peer.send(makeSpans([{ name: 'the oldest', attributes: { 'gen_ai.prompt': 'needle in a haystack' } }]));
  await fill(peer, { spans: PAGE_SPANS - MEASURED_SPANS - 5_000 });
  const browser = await launchBrowser();
  const { page } = await openPage(browser, node.url);
  await page.getByRole('option').first().waitFor();
  await page.getByRole('option').nth(1).click();
  const stream = startStream(peer, 1_000);
  const frames = await measureFrames(page, FRAME_SECONDS);
  const begin = performance.now();
  await page.getByRole('searchbox').fill('needle haystack');
  await page.getByRole('option', { name: /the oldest/ }).waitFor();
  const searchMs = performance.now() - begin;
  await stream.stop();
  await browser.close();
  console.log(
    `page         median ${frames.medianMs} ms, p95 ${frames.p95Ms} ms, p99 ${frames.p99Ms} ms, longest ${frames.maxMs} ms a frame` +
      `  (${PAGE_SPANS.toLocaleString('en-US')} spans stored, ${stream.sent().toLocaleString('en-US')} more arrived; a search took ${Math.round(searchMs)} ms, 250 of them waiting for the typing to end)`,
  );
}

console.log(`Node ${process.version}, ${cpus().length} cores, ${cpus()[0]?.model ?? ''}`);
const folder = mkdtempSync(join(tmpdir(), 'backend-bench-'));
const embedded = await connectNode({ DATA_DIRECTORY: join(folder, 'database') });
await measureStore('PGlite', embedded);
if (MISSING_BROWSER.length === 0) await measurePage(embedded);
else console.log('page         not run: chromium is not installed');
embedded.peer.close();
await embedded.node.stop('SIGTERM');
if (MISSING_SERVERS.includes('postgresql')) console.log('PostgreSQL   not run: postgresql is not installed');
else {
  const postgres = await PostgresServer.create();
  await postgres.start();
  const server = await connectNode({ DATABASE_URL: postgres.url });
  await measureStore('PostgreSQL', server);
  server.peer.close();
  await server.node.stop('SIGTERM');
  await postgres.dispose();
}
rmSync(folder, { recursive: true, force: true });
process.exit(0);
