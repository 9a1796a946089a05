import { beforeAll, describe, expect, test } from 'vitest';
import type { HelmVersion } from '../helm/binaries.ts';
import { batchOf } from './batches.ts';
import { freshChart } from './chart.ts';
import { checkBatch, describeDivergence } from './check.ts';

const batches = 5;
const batchSize = 200;

/** 1,000 documents for one Helm version. Other seeds: `npm run test:equivalence -- --runs N`. */
export function describeEquivalence(version: HelmVersion): void {
  describe(`Helm ${version} and the construct`, () => {
    let chart = '';
    beforeAll(() => {
      chart = freshChart();
    });

    test.each(Array.from({ length: batches }, (_, i) => i + 1))(
      `do the same with ${batchSize} random documents (seed %i)`,
      (seed) => {
        const checked = checkBatch(version, chart, batchOf(seed, batchSize));
        expect(checked.divergences.map(describeDivergence).slice(0, 3)).toEqual([]);
        // Mostly refusals would prove little.
        expect(checked.rendered).toBeGreaterThan(batchSize / 2);
        expect(checked.refused).toBeGreaterThan(0);
      },
      300_000,
    );
  });
}
