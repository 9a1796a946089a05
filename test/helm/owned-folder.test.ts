import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { createOwnedFolder } from './owned-folder.ts';
import { scratchFolder } from './scratch.ts';

test('folders of processes that have ended go, and no others', () => {
  const parent = scratchFolder('owned');
  const { pid } = spawnSync(process.execPath, ['--version']);
  mkdirSync(join(parent, `run-${pid}-abc/logs`), { recursive: true });
  writeFileSync(join(parent, `run-${pid}-abc/logs/etcd.log`), 'killed');
  for (const name of [`run-${process.ppid}-abc`, `other-${pid}-abc`, 'run-abc']) mkdirSync(join(parent, name));

  const created = createOwnedFolder('run-', parent);
  expect(readdirSync(parent).toSorted()).toEqual(
    [`other-${pid}-abc`, `run-${process.ppid}-abc`, 'run-abc', basename(created)].toSorted(),
  );
});
