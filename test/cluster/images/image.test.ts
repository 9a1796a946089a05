import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { imageArchive } from './image.ts';
import { tar } from './tar.ts';

function extract(archive: Buffer, path: string): Buffer {
  return spawnSync('tar', ['xOf', '-', path], { input: archive, maxBuffer: 1e8 }).stdout;
}

it('writes an archive that tar reads, with folders before their files', () => {
  const archive = tar([
    { path: 'a/', content: 'folder' },
    { path: 'a/run', mode: 0o755, content: Buffer.from('x'.repeat(513)) },
  ]);
  const { stdout } = spawnSync('tar', ['tvf', '-', '--numeric-owner', '--utc'], { input: archive, encoding: 'utf8' });
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.replaceAll(/ +/g, ' ')),
  ).toEqual(['drwxr-xr-x 0/0 0 1970-01-01 00:00 a/', '-rwxr-xr-x 0/0 513 1970-01-01 00:00 a/run']);
  expect(extract(archive, 'a/run').toString()).toBe('x'.repeat(513));
});

it('makes the same image of the same files, whose index leads to its layers', () => {
  const spec = {
    names: ['registry.test/one:1'],
    layers: [[{ path: 'app/main.js', content: Buffer.from('1') }]],
    entrypoint: ['/main'],
  };
  const archive = imageArchive(spec);
  expect(imageArchive(spec).equals(archive)).toBe(true);
  const read = (digest: string): Buffer => {
    const content = extract(archive, `blobs/sha256/${digest.slice('sha256:'.length)}`);
    expect(`sha256:${createHash('sha256').update(content).digest('hex')}`).toBe(digest);
    return content;
  };
  const [entry] = JSON.parse(extract(archive, 'index.json').toString()).manifests;
  expect(entry.annotations['io.containerd.image.name']).toBe('registry.test/one:1');
  const manifest = JSON.parse(read(entry.digest).toString());
  const config = JSON.parse(read(manifest.config.digest).toString());
  expect(config.rootfs.diff_ids).toEqual(manifest.layers.map((layer: { digest: string }) => layer.digest));
  expect(extract(read(manifest.layers[0].digest), 'app/main.js').toString()).toBe('1');
});
