import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type ServerOptions, createServer } from 'node:https';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Authority } from '../certificates.ts';
import { watch } from './watch.ts';

/** What is seen of an API server that answers so. */
async function watchOf(answer: RequestListener): Promise<{ readonly names: string[]; readonly end: Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'watch-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const authority = await Authority.create(folder, 'authority');
  const { certificate, key } = await authority.issue('server', { commonName: 'server', names: ['IP:127.0.0.1'] });
  const options: ServerOptions = { cert: readFileSync(certificate), key: readFileSync(key) };
  const server = createServer(options, answer).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const names: string[] = [];
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const end = watch(url, { ca: authority.pem }, (type, { metadata }) => names.push(`${type} ${metadata.name}`));
  return { names, end };
}

const event = `${JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'pod' } } })}\n`;

test('a watch that the server ends is over', async () => {
  const { names, end } = await watchOf((_, answer) => void answer.end(event));
  await end;
  expect(names).toEqual(['ADDED pod']);
});

test('a watch whose connection breaks has failed, and does not end the process', async () => {
  const { end } = await watchOf((_, answer) => void answer.write(event, () => answer.destroy()));
  await expect(end).rejects.toThrow('aborted');
});

test('an answer that is no watch has failed', async () => {
  const { end } = await watchOf((_, answer) => void answer.writeHead(403).end());
  await expect(end).rejects.toThrow('403');
});
