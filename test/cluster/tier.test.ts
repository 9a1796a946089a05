import { expect, test } from 'vitest';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly notRun: readonly string[];
}

const script = new URL('../../scripts/cluster-tier.mjs', import.meta.url).href;
const { clusterCounts } = (await import(script)) as {
  readonly clusterCounts: (status: number | null, report: string | undefined) => Counts;
};

test('scenarios count as they ended; skipped ones are said and count as neither', () => {
  expect(clusterCounts(0, '["pass","pass"]')).toEqual({ passed: 2, failed: 0, notRun: [] });
  expect(clusterCounts(1, '["pass","fail","fail"]')).toEqual({ passed: 1, failed: 2, notRun: [] });
  const skipped = ['1 of them skipped: they need a cluster of their own'];
  expect(clusterCounts(0, '["pass","skipped"]')).toEqual({ passed: 1, failed: 0, notRun: skipped });
});

test('a run that was stopped, has no outcomes or half of them written, has failed', () => {
  expect(clusterCounts(124, '["pass"]')).toMatchObject({ passed: 1, failed: 1 });
  for (const report of [undefined, '[]', '["pass",', '']) {
    for (const status of [0, 1, null]) expect(clusterCounts(status, report)).toMatchObject({ passed: 0, failed: 1 });
  }
});
