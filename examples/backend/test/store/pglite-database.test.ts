import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PgliteDatabase } from '../../src/store/pglite-database.ts';
import { copyEmptyStore } from '../fixtures/empty-store.ts';

const MIB = 1024 * 1024;
let folder: string;
let store: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backend-pglite-'));
  store = join(folder, 'database');
  copyEmptyStore(store);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a disk that is nearly full is written to no more, is read, and is written to again when there is room', async () => {
  let free = 1_000 * MIB;
  const database = await PgliteDatabase.open(store, () => free);
  await database.execute('CREATE TABLE numbers (n int)');
  free = 100 * MIB;
  expect(await database.canStore()).toBe(false);
  await expect(database.query('INSERT INTO numbers VALUES (1)')).rejects.toThrow(/128 MiB are free/);
  await expect(database.transaction((one) => one.query('INSERT INTO numbers VALUES (1)'))).rejects.toThrow(/free/);
  expect(await database.query('SELECT n FROM numbers')).toEqual([]);
  free = 1_000 * MIB;
  expect(await database.canStore()).toBe(true);
  await database.query('INSERT INTO numbers VALUES (1)');
  expect(await database.query('SELECT n FROM numbers')).toEqual([{ n: 1 }]);
  await database.close();
});

test('a disk that is nearly full is said at start, and the folder is left unlocked', async () => {
  await expect(PgliteDatabase.open(store, () => 0)).rejects.toThrow(`free on the disk of ${store}`);
  await (await PgliteDatabase.open(store)).close();
});

test('a file in the place of the folder is named as what it is', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  await expect(PgliteDatabase.open(file)).rejects.toThrow(/ENOTDIR: not a directory.*file/);
});

test('nothing is written into a folder that was removed', async () => {
  const database = await PgliteDatabase.open(store);
  rmSync(store, { recursive: true });
  expect(await database.canStore()).toBe(false);
  await expect(database.transaction((one) => one.query('SELECT 1'))).rejects.toThrow(/ENOENT/);
  await database.close().catch(() => undefined);
});
