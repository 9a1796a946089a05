import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClusterStore } from '../../src/store/cluster-store.ts';
import { FrameStore } from '../../src/store/frame-store.ts';
import { migrate } from '../../src/store/migrations.ts';
import { PgliteDatabase } from '../../src/store/pglite-database.ts';
import { decodeSection } from '../../src/telemetry/decode.ts';
import { TelemetryQueries } from '../../src/viewers/telemetry-queries.ts';
import { makeLogs, makeSpans, type SpanInput } from '../fixtures/spans.ts';

const TRACE = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) };

let database: PgliteDatabase;
let queries: TelemetryQueries;
let clusterId: string;
let sequence = 0;

beforeAll(async () => {
  database = await PgliteDatabase.open(undefined);
  await migrate(database);
  queries = new TelemetryQueries(database);
  const registered = await new ClusterStore(database).register({
    name: 'queries',
    namespace: 'test',
    metadata: {},
    registrationKey: 'k'.repeat(20),
  });
  clusterId = 'id' in registered ? registered.id : '';
  await new FrameStore(database).hello({ clusterId, epoch: 'e', owner: 'c1' });
});
afterAll(() => database.close());

async function store(signal: 'traces' | 'logs', bytes: Buffer): Promise<void> {
  const frame = { sequence: ++sequence, rows: decodeSection(signal, bytes) };
  const results = await new FrameStore(database).store({ clusterId, epoch: 'e', owner: 'c1' }, [frame]);
  expect(results).toEqual([{ status: 'acknowledged', sequence, stored: true }]);
}

const storeSpan = (span: SpanInput): Promise<void> => store('traces', makeSpans([span]));
const found = async (text: string): Promise<number> => (await queries.traces({ text })).length;

test('search finds names as they are written, and each part of them', async () => {
  const attributes = {
    'gen_ai.request.model': 'gpt-4.1-mini',
    'gen_ai.tool.name': 'k8s_get_pods',
    'gen_ai.prompt': `why does https://shop.example.com/cart?id=7 fail in 'istio-system'`,
  };
  await storeSpan({ ...TRACE, name: 'execute_tool', agent: 'observability_agent', attributes });
  await store('logs', makeLogs([{ body: 'claude-3-5-sonnet-20241022 answered', traceId: TRACE.traceId }]));
  for (const text of ['gpt-4.1-mini', 'k8s_get_pods', 'get_po', 'observability_agent', 'example.com', 'cart id=7'])
    expect([text, await found(text)]).toEqual([text, 1]);
  for (const text of [`'istio-system'`, 'claude-3-5-sonnet', '2024', TRACE.traceId])
    expect([text, await found(text)]).toEqual([text, 1]);
  expect(await found('k8s_get_nodes')).toBe(0);
});

test('names and events too long to be searched whole are stored all the same', async () => {
  const words = Array.from({ length: 300_000 }, (_, i) => `w${i}`).join(' ');
  await storeSpan({ name: words, agent: 'long', attributes: { 'gen_ai.request.model': words } });
  expect(await found('w100 long')).toBe(1);
});
