import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isMissing, readFully, realDisk, writeFully } from '../../src/queue/disk.ts';
import { faultyDisk } from '../fixtures/full-disk.ts';

test.each([
  ['the real disk', () => realDisk],
  ['the fake without faults', () => faultyDisk().disk],
])('%s writes, reads, cuts and lists files alike', (_name, make) => {
  const disk = make();
  const directory = mkdtempSync(join(tmpdir(), 'relayer-disk-'));
  try {
    const path = join(directory, 'file');
    const fd = disk.openSync(path, 'w+');
    writeFully(disk, fd, Buffer.from('hello'), 0);
    writeFully(disk, fd, Buffer.from(' world'), 5);
    disk.fsyncSync(fd);
    expect(readFully(disk, fd, 0, 100).toString()).toBe('hello world');
    disk.ftruncateSync(fd, 5);
    expect(disk.fstatSync(fd).size).toBe(5);
    expect(readFully(disk, fd, 3, 100).toString()).toBe('lo');
    disk.closeSync(fd);
    disk.renameSync(path, join(directory, 'other'));
    expect(disk.readdirSync(directory)).toEqual(['other']);
    disk.unlinkSync(join(directory, 'other'));
    expect(isMissing(disk, join(directory, 'other'))).toBe(true);
    expect(() => disk.openSync(path, 'r')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('the fake gives out what space there is, then fails like a full disk', () => {
  const { disk, faults } = faultyDisk();
  const directory = mkdtempSync(join(tmpdir(), 'relayer-disk-'));
  try {
    const fd = disk.openSync(join(directory, 'file'), 'w+');
    faults.freeBytes = 3;
    expect(disk.writeSync(fd, Buffer.from('hello'), 0, 5, 0)).toBe(3);
    expect(() => disk.writeSync(fd, Buffer.from('x'), 0, 1, 3)).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    expect(disk.writeSync(fd, Buffer.from('HEL'), 0, 3, 0)).toBe(3);
    disk.closeSync(fd);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
