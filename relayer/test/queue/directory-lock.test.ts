import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DirectoryLock } from '../../src/queue/directory-lock.ts';
import { cutAll, newDirectory, offer, open } from './set-up.ts';

const locksIn = (directory: string): string[] => readdirSync(directory).filter((name) => name.startsWith('lock-'));

test('TwoProcesses: a second queue on a directory is refused by name, and the first one loses nothing', async () => {
  const directory = newDirectory();
  const first = await open(directory);
  expect(await offer(first.queue, 1)).toBe('stored');
  await expect(open(directory)).rejects.toMatchObject({
    code: 'queue-unavailable',
    exitCode: 69,
    message: expect.stringContaining(`${directory} is in use by another relayer process`),
  });
  expect(await offer(first.queue, 2)).toBe('stored');
  expect(cutAll(first.queue)).toEqual([1, 2]);
  await first.queue.stop();
  expect(locksIn(directory)).toEqual([]);
  const second = await open(directory);
  expect(await offer(second.queue, 3)).toBe('stored');
});

test('TwoProcesses: of several that start together at most one gets the directory', async () => {
  for (let round = 0; round < 5; round++) {
    const directory = newDirectory();
    const taken = await Promise.allSettled([1, 2, 3].map(() => DirectoryLock.take(directory)));
    const held = taken.filter((result) => result.status === 'fulfilled');
    expect(held.length).toBeLessThanOrEqual(1);
    for (const { value } of held) (value as DirectoryLock).release();
    // Nobody who stepped back stays in the way.
    const next = await DirectoryLock.take(directory);
    expect(next).toBeInstanceOf(DirectoryLock);
    (next as DirectoryLock).release();
  }
}, 60_000);

test('StaleLock: what a killed process left never blocks a start, and is removed', async () => {
  const directory = newDirectory();
  const name = join(directory, 'lock-0123456789ab');
  const script = `require('node:net').createServer().listen(${JSON.stringify(name)}, () => console.log('listening'))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await expect(DirectoryLock.take(directory)).rejects.toThrow(/in use/);
  child.kill('SIGSTOP');
  // It doesn't answer, but it is there.
  await expect(DirectoryLock.take(directory)).rejects.toThrow(/in use/);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  expect(locksIn(directory)).toHaveLength(1);
  const { queue } = await open(directory);
  expect(locksIn(directory)).toHaveLength(1);
  expect(await offer(queue, 1)).toBe('stored');
  await queue.stop();
  expect(locksIn(directory)).toEqual([]);
});

test('StaleLock: files, directories and links of that name block nothing either', async () => {
  const directory = newDirectory();
  writeFileSync(join(directory, 'lock-000000000001'), 'text');
  mkdirSync(join(directory, 'lock-000000000002'));
  symlinkSync('/nowhere', join(directory, 'lock-000000000003'));
  writeFileSync(join(directory, 'lock-notes.txt'), 'not ours');
  writeFileSync(join(directory, 'lock-000000000004.new'), '');
  utimesSync(join(directory, 'lock-000000000004.new'), 0, 0);
  // Somebody may be making this one just now.
  writeFileSync(join(directory, 'lock-000000000005.new'), '');
  await open(directory);
  const left = locksIn(directory).filter((name) => !/^lock-[0-9a-f]{12}$/.test(name));
  expect(left.sort()).toEqual(['lock-000000000005.new', 'lock-notes.txt']);
  expect(locksIn(directory)).toHaveLength(3);
});

test('a lock that can’t be asked is not said to be in use, but why it can’t', async () => {
  const directory = newDirectory();
  symlinkSync('lock-000000000001', join(directory, 'lock-000000000001'));
  const refused = open(directory);
  await expect(refused).rejects.toMatchObject({ code: 'queue-unavailable', message: expect.stringContaining('ELOOP') });
  await expect(refused).rejects.not.toThrow(/ is in use/);
  expect(locksIn(directory)).toEqual(['lock-000000000001']);
});

test('a directory that no socket fits into is used all the same, and that is said', async () => {
  const directory = join(newDirectory(), 'x'.repeat(100));
  const { queue, oddities } = await open(directory);
  expect(await offer(queue, 1)).toBe('stored');
  expect(oddities).toEqual([expect.stringMatching(/can not be locked.*too long/)]);
  expect(locksIn(directory)).toEqual([]);
});

test('a directory that vanished is an answer, not a crash', async () => {
  const directory = newDirectory();
  rmSync(directory, { recursive: true });
  await expect(DirectoryLock.take(directory)).rejects.toMatchObject({ code: 'ENOENT' });
});
