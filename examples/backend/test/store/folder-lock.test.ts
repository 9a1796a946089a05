import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderLock } from '../../src/store/folder-lock.ts';
import { PgliteDatabase } from '../../src/store/pglite-database.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backend-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a folder that is in use is refused with the process that has it; then it is free', async () => {
  const store = join(folder, 'database');
  const database = await PgliteDatabase.open(store);
  await expect(PgliteDatabase.open(store)).rejects.toThrow(`process ${process.pid} uses ${store}`);
  await database.close();
  expect(existsSync(`${store}.lock`)).toBe(false);
});

test('the lock of a process that was killed is taken over', () => {
  const store = join(folder, 'database');
  // In a container the process after it has the same id.
  for (const left of ['999999999', '', 'nonsense', String(process.pid)]) {
    writeFileSync(`${store}.lock`, left);
    FolderLock.take(store).release();
  }
  expect(existsSync(`${store}.lock`)).toBe(false);
});

test('the lock of an earlier process with the same id is taken over: in a container there is one after each crash', () => {
  const store = join(folder, 'database');
  const lock = FolderLock.take(store);
  const [pid, begin] = readFileSync(`${store}.lock`, 'utf8').split(' ');
  lock.release();
  writeFileSync(`${store}.lock`, `${pid} ${Number(begin) - 1}`);
  FolderLock.take(store).release();
  expect(existsSync(`${store}.lock`)).toBe(false);
});
