import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestNode, TOKENS } from '../fixtures/node.ts';

const RELAYER = join(dirname(fileURLToPath(import.meta.url)), '../../../../relayer');
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
}, 180_000);

/** The relayer's own suite in a process of its own, against this URL. */
export function runConformance(url: string): Promise<{ code: number | null; output: string }> {
  const child = spawn('npx', ['vitest', 'run', 'test/protocol/conformance.test.ts', '--no-color'], {
    cwd: RELAYER,
    env: {
      ...process.env,
      CONFORMANCE_URL: url,
      CONFORMANCE_REGISTRATION_TOKEN: TOKENS.registration,
      NO_COLOR: '1',
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (output += String(bytes)));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}
