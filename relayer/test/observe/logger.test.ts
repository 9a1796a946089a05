import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Logger } from '../../src/observe/logger.ts';
import { pause } from '../fixtures/relayer-process.ts';
import { setUp } from '../fixtures/set-up.ts';

function logger(level: 'debug' | 'info' = 'info'): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    log: new Logger({
      level,
      pod: 'relayer-0',
      write: (line) => lines.push(line),
      now: () => new Date('2025-01-03T10:15:30.123Z'),
    }),
  };
}

test('a line has the fields of the product README, in its order', () => {
  const { log, lines } = logger();
  log.setClusterId('cluster_abc123');
  log.info('Backend connected');
  const line = JSON.parse(lines[0] as string) as object;
  expect(line).toEqual({
    level: 'info',
    timestamp: '2025-01-03T10:15:30.123Z',
    msg: 'Backend connected',
    clusterId: 'cluster_abc123',
    component: 'relayer',
    pod: 'relayer-0',
  });
  expect(Object.keys(line)).toEqual(['level', 'timestamp', 'msg', 'clusterId', 'component', 'pod']);
  expect(lines[0]?.endsWith('}\n')).toBe(true);
});

test('known secrets are replaced wherever they stand, and keys that name secrets are hidden', () => {
  const { log, lines } = logger();
  log.hide('s3cret/"token"');
  log.error('failed: s3cret/"token" was refused', {
    url: `https://x?t=${encodeURIComponent('s3cret/"token"')}`,
    authorization: 'Bearer other',
    nested: { clusterToken: 'abcdef' },
  });
  for (const secret of ['s3cret', 'other', 'abcdef']) expect(lines.join()).not.toContain(secret);
  expect(() => void JSON.parse(lines[0] as string)).not.toThrow();
});

test('lower levels are left out, and a flood of one message is counted', () => {
  const { log, lines } = logger();
  log.debug('no');
  for (let i = 0; i < 100; i++) log.warnRarely('refused', { i });
  expect(lines).toHaveLength(1);
});

test('no text of a caller can end the line', () => {
  const { log, lines } = logger();
  log.info('a\nb\u2028', { text: '\n{"level":"error"}' });
  expect(lines[0]?.trimEnd().includes('\n')).toBe(false);
});

test('the sources write to standard output nowhere but in main and the logger', () => {
  // A line that bypasses the logger would bypass its redaction.
  const { readdirSync } = process.getBuiltinModule('node:fs');
  const root = new URL('../../src/', import.meta.url);
  const files = readdirSync(root, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts') && name !== 'main.ts' && name !== 'observe/logger.ts');
  for (const name of files)
    expect(readFileSync(new URL(name, root), 'utf8'), name).not.toMatch(
      /console\.|process\.std(out|err)|process\.exit/,
    );
});

test('a line that can not be written is dropped', () => {
  const log = new Logger({
    level: 'info',
    pod: 'relayer-0',
    write: () => {
      throw new Error('ENOSPC');
    },
  });
  expect(() => log.info('lost')).not.toThrow();
});

test('a reader of the log that goes away does not end the process', async () => {
  const { relayer } = await setUp({ LOG_LEVEL: 'debug' });
  await relayer.start();
  relayer.closeOutput();
  // Each is refused, and logged under a message of its own.
  for (const path of ['/v1/nothing', '/v1/traces']) await relayer.post(path, 'not protobuf');
  await relayer.post('/v1/traces', Buffer.alloc(10), { 'content-encoding': 'br' });
  await pause(200);
  expect((await relayer.get('/livez')).status).toBe(200);
  expect((await relayer.terminate()).code).toBe(0);
});
