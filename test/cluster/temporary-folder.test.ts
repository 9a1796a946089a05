import { expect, test } from 'vitest';
import { temporaryFolderAt, temporaryFolderProblems } from './temporary-folder.ts';

const good = { path: '/tmp', realPath: '/tmp', isOverlay: false };

test('a folder can hold a cluster unless something hides it, is too long, or an overlay is under it', () => {
  expect(temporaryFolderProblems(good)).toEqual([]);
  expect(temporaryFolderProblems({ ...good, path: '/var/run/user', realPath: '/run/user' })).toEqual([
    '/var/run/user is in /run, of which the cluster has its own: set `TMPDIR`.',
  ]);
  expect(temporaryFolderProblems({ ...good, realPath: '/var/lib/jenkins/tmp' })).toHaveLength(1);
  expect(temporaryFolderProblems({ ...good, realPath: '/var/library' })).toEqual([]);
  expect(temporaryFolderProblems({ ...good, isOverlay: true })).toHaveLength(1);
  expect(temporaryFolderProblems({ ...good, path: `/${'x'.repeat(60)}` })).toHaveLength(1);
});

test('a folder that there is not, or whose path is relative, is said', () => {
  const message = "`TMPDIR` is ./nowhere: it has to be a folder's full path.";
  expect(temporaryFolderProblems(temporaryFolderAt('./nowhere'))).toEqual([message]);
  expect(temporaryFolderProblems(temporaryFolderAt('.'))).toHaveLength(1);
});
