import { expect, test } from 'vitest';
import { arrangeSpans, timeRange } from '../../page/span-tree.ts';
import { mergeTraces } from '../../page/trace-rows.ts';
import type { SpanView, TraceView } from '../../src/viewers/views.ts';

const span = (spanId: string, parentId: string | null, startUs = 0, durationUs = 10): SpanView => ({
  spanId,
  parentId,
  startUs,
  durationUs,
  name: spanId,
  agent: '',
  failed: false,
  operation: null,
  model: null,
  tool: null,
  inputTokens: null,
  outputTokens: null,
});
const shape = (spans: readonly SpanView[]): string[] =>
  arrangeSpans(spans).map(({ span: { spanId }, depth }) => `${'-'.repeat(depth)}${spanId}`);

test('children stand under their parents, in the order they came', () => {
  expect(shape([span('a', null), span('b', 'a'), span('c', 'b'), span('d', 'a')])).toEqual(['a', '-b', '--c', '-d']);
});

test('a span whose parent has not arrived stands at the top', () => {
  expect(shape([span('b', 'missing'), span('a', null)])).toEqual(['b', 'a']);
});

test('spans that are their own ancestors are shown once each, and end', () => {
  expect(shape([span('a', 'b'), span('b', 'a'), span('self', 'self')])).toEqual(['self', 'a', '-b']);
});

test('a chain of 5,000 spans is no deeper than the stack', () => {
  const chain = Array.from({ length: 5_000 }, (_, i) => span(String(i), i === 0 ? null : String(i - 1)));
  expect(arrangeSpans(chain).at(-1)?.depth).toBe(4_999);
});

test('the time of a trace goes from the first start to the last end', () => {
  expect(timeRange([span('a', null, 100, 50), span('b', 'a', 90, 10)])).toEqual({ startUs: 90, durationUs: 60 });
});

test('the newest page replaces what it covers, and keeps what was loaded below it', () => {
  const trace = (traceId: string, startUs: number): TraceView => ({ clusterId: 'c', traceId, startUs }) as TraceView;
  const merged = mergeTraces([trace('new', 9), trace('b', 5)], [trace('b', 5), trace('gone', 7), trace('old', 1)], 10);
  expect(merged.map(({ traceId }) => traceId)).toEqual(['new', 'b', 'old']);
});
