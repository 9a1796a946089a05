import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { unreachable } from './reachable.ts';

function kubeconfigWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'reachable-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'config');
  writeFileSync(path, text);
  return path;
}

function pointingAt(server: string): string {
  const clusters = [{ name: 'test', cluster: { server } }];
  const contexts = [{ name: 'test', context: { cluster: 'test', user: 'test' } }];
  const config = { apiVersion: 'v1', kind: 'Config', clusters, contexts, 'current-context': 'test' };
  return kubeconfigWith(JSON.stringify(config));
}

test('a kubeconfig that is missing, empty or points nowhere is said before anything is built', async () => {
  const paths = ['/nowhere/config', kubeconfigWith(''), pointingAt('http://127.0.0.1:1')];
  for (const path of paths) {
    expect(await unreachable(path)).toMatch(new RegExp(`^No cluster answers by \`KUBECONFIG\`, ${path}: .+`));
  }
});

test('a server that answers is reachable', async () => {
  const server = createServer((_, answer) => answer.end('ok')).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await unreachable(pointingAt(`http://127.0.0.1:${port}`))).toBeUndefined();
});
