import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { type TarEntry, tar } from './tar.ts';

export interface ImageSpec {
  /** Every name that it goes by, with registry and tag. */
  readonly names: readonly string[];
  readonly layers: readonly (readonly TarEntry[])[];
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: readonly string[];
  /** Numeric, such as `10001:10001`. */
  readonly user?: string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const prefix = 'application/vnd.oci.image';

/** An OCI image as the archive that `ctr images import` takes. The same spec gives the same bytes. */
export function imageArchive({ names, layers, entrypoint, command, environment, user }: ImageSpec): Buffer {
  const blobs = new Map<string, Buffer>();
  const put = (mediaType: string, content: Buffer): Descriptor => {
    const digest = digestOf(content);
    blobs.set(`blobs/sha256/${digest.slice('sha256:'.length)}`, content);
    return { mediaType, digest, size: content.length };
  };
  const layerBlobs = layers.map((entries) => tar(withFolders(entries)));
  const config = put(
    `${prefix}.config.v1+json`,
    json({
      architecture: 'amd64',
      os: 'linux',
      config: { Entrypoint: entrypoint, Cmd: command ?? [], Env: environment ?? [], User: user ?? '' },
      rootfs: { type: 'layers', diff_ids: layerBlobs.map(digestOf) },
    }),
  );
  const manifest = put(
    `${prefix}.manifest.v1+json`,
    json({
      schemaVersion: 2,
      mediaType: `${prefix}.manifest.v1+json`,
      config,
      layers: layerBlobs.map((layer) => put(`${prefix}.layer.v1.tar`, layer)),
    }),
  );
  const manifests = names.map((name) => ({ ...manifest, annotations: { 'io.containerd.image.name': name } }));
  return tar([
    { path: 'oci-layout', content: json({ imageLayoutVersion: '1.0.0' }) },
    { path: 'index.json', content: json({ schemaVersion: 2, manifests }) },
    ...[...blobs].map(([path, content]) => ({ path, content })),
  ]);
}

/** Every folder above a file, once and before it. */
function withFolders(entries: readonly TarEntry[]): readonly TarEntry[] {
  const folders = new Set<string>();
  for (const { path } of entries) {
    for (let at = posix.dirname(path); at !== '.'; at = posix.dirname(at)) folders.add(at);
  }
  return [...[...folders].toSorted().map((path) => ({ path: `${path}/`, content: 'folder' as const })), ...entries];
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
