import { afterAll, beforeAll, expect, test } from 'vitest';
import { runConformance } from '../fixtures/conformance.ts';
import { TestNode } from '../fixtures/node.ts';

let node: TestNode;

beforeAll(async () => {
  node = await new TestNode().start();
});
afterAll(() => node.stop());

test('passes the conformance suite of the relayer on the embedded store', async () => {
  const { code, output } = await runConformance(node.url);
  expect(output).toMatch(/Tests\s+\d+ passed/);
  expect(output).not.toMatch(/failed|skipped/);
  expect(code).toBe(0);
});
