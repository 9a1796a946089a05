import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TraceFeed } from '../../page/trace-feed.ts';
import type { TraceFilter, TraceView } from '../../src/viewers/views.ts';

const trace = (traceId: string): TraceView => ({
  clusterId: 'c',
  traceId,
  name: traceId,
  startUs: 1,
  durationUs: 1,
  spans: 1,
  errors: 0,
  inputTokens: 0,
  outputTokens: 0,
  agents: [],
  cursor: traceId,
});

/** A backend whose answers come when the test says so. */
class Answers {
  readonly asked: { filter: TraceFilter; answer: (traces: TraceView[] | Error) => void }[] = [];
  readonly ask = (filter: TraceFilter): Promise<TraceView[]> =>
    new Promise((resolve, reject) => {
      const answer = (traces: TraceView[] | Error): void =>
        traces instanceof Error ? reject(traces) : resolve(traces);
      this.asked.push({ filter, answer });
    });

  async give(index: number, traces: TraceView[] | Error): Promise<void> {
    this.asked[index]?.answer(traces);
    await vi.advanceTimersByTimeAsync(0);
  }
}

let answers: Answers;
let feed: TraceFeed;
const shown = (): string[] => feed.rows.map(({ traceId }) => traceId);
beforeEach(() => {
  vi.useFakeTimers();
  answers = new Answers();
  feed = new TraceFeed(answers.ask, () => undefined);
});
afterEach(() => void vi.useRealTimers());

test('refreshes are one request about every second, however many are asked for', async () => {
  feed.show({});
  await answers.give(0, [trace('a')]);
  for (let i = 0; i < 5; i++) feed.refresh();
  expect(answers.asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(answers.asked).toHaveLength(2);
  await answers.give(1, [trace('b'), trace('a')]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect([shown(), answers.asked.length]).toEqual([['b', 'a'], 2]);
});

test('another filter is asked for at once, and the answer to the one before is thrown away', async () => {
  feed.show({});
  feed.show({ text: 'word' });
  expect(answers.asked.map(({ filter }) => filter.text)).toEqual([undefined, 'word']);
  await answers.give(1, [trace('match')]);
  await answers.give(0, [trace('late')]);
  expect(shown()).toEqual(['match']);
});

test('further pages go on behind the last row, once at a time, and end', async () => {
  feed.show({ agent: 'x' });
  await answers.give(0, [trace('b'), trace('a')]);
  void feed.loadMore();
  void feed.loadMore();
  expect(answers.asked.slice(1).map(({ filter }) => filter)).toEqual([{ agent: 'x', after: 'a', limit: 120 }]);
  await answers.give(1, [trace('a'), trace('0')]);
  expect(shown()).toEqual(['b', 'a', '0']);
  void feed.loadMore();
  await answers.give(2, []);
  void feed.loadMore();
  expect(answers.asked).toHaveLength(3);
});

test('a failure is told, what is there stays, and the next refresh goes on', async () => {
  feed.show({});
  await answers.give(0, [trace('a')]);
  feed.refresh();
  await vi.advanceTimersByTimeAsync(1_000);
  await answers.give(1, new Error('unavailable'));
  expect([shown(), feed.error]).toEqual([['a'], 'unavailable']);
  feed.refresh();
  await vi.advanceTimersByTimeAsync(1_000);
  await answers.give(2, [trace('b'), trace('a')]);
  expect([shown(), feed.error]).toEqual([['b', 'a'], undefined]);
});
