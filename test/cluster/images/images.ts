import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { run } from '../command.ts';
import { pauseImage } from '../node.ts';
import { type PartName, partBinary } from '../parts.ts';
import { type ImageSpec, imageArchive } from './image.ts';
import { nodeBinary } from './node-binary.ts';
import type { TarEntry } from './tar.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');
const chart = join(root, 'chart-out/consonant-relayer');

export const agentImage = 'registry.test/agent:1';
export const dnsImage = 'registry.test/coredns:1';

/**
 * Builds every image that the chart needs, and the cluster when it is the run's own, from this tree and the built parts.
 * @returns the archives
 */
export async function buildImages(
  folder: string,
  isOwnCluster: boolean,
  signal: AbortSignal,
): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true });
  await run(process.execPath, [join(root, 'relayer/scripts/build.mjs')], { timeoutMs: 120_000, signal });
  const node = await nodeLayer(signal);
  const specs: Readonly<Record<string, ImageSpec>> = {
    ...(isOwnCluster ? clusterImages() : {}),
    cloudflared: {
      names: [chartImages().cloudflared],
      layers: [[binaryEntry('cloudflared')]],
      entrypoint: ['/cloudflared', '--no-autoupdate'],
      command: ['version'],
      user: '65532:65532',
    },
    relayer: relayerImage(node),
    agent: {
      names: [agentImage],
      layers: [node, [fileEntry('app/agent.mjs', join(here, '../agent/agent.mjs'))]],
      entrypoint: ['/nodejs/bin/node', '/app/agent.mjs'],
      user: '10001:10001',
    },
  };
  return Object.entries(specs).map(([name, spec]) => {
    const path = join(folder, `${name}.tar`);
    writeFileSync(path, imageArchive(spec));
    return path;
  });
}

function clusterImages(): Readonly<Record<string, ImageSpec>> {
  return {
    pause: { names: [pauseImage], layers: [[binaryEntry('pause')]], entrypoint: ['/pause'] },
    coredns: { names: [dnsImage], layers: [[binaryEntry('coredns')]], entrypoint: ['/coredns'] },
  };
}

/** As relayer/Dockerfile makes it. */
function relayerImage(node: readonly TarEntry[]): ImageSpec {
  const dist = join(root, 'relayer/dist');
  const files = ['main.js', 'LICENSES.txt', 'package.json'].map((name) => fileEntry(`app/${name}`, join(dist, name)));
  return {
    names: [chartImages().relayer],
    layers: [node, files],
    entrypoint: ['/nodejs/bin/node', '/app/main.js'],
    command: ['run'],
    environment: ['NODE_ENV=production', 'PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin'],
    user: '10001:10001',
  };
}

/** The images that the chart asks for when nothing is set, so that the documented values run unchanged. */
function chartImages(): Readonly<Record<'relayer' | 'cloudflared', string>> {
  const values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as {
    readonly relayer: { readonly image: Image };
    readonly cloudflare: { readonly sidecar: { readonly image: Image } };
  };
  const { appVersion } = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as { readonly appVersion: string };
  const nameOf = ({ registry, repository, tag }: Image): string => `${registry}/${repository}:${tag || appVersion}`;
  return { relayer: nameOf(values.relayer.image), cloudflared: nameOf(values.cloudflare.sidecar.image) };
}

interface Image {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
}

/** Node 24 and the libraries of this machine that it is linked to. */
async function nodeLayer(signal: AbortSignal): Promise<readonly TarEntry[]> {
  const binary = await nodeBinary(signal);
  const linked = await run('ldd', [binary]);
  const libraries = [...linked.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = '']) => path);
  return [
    { path: 'nodejs/bin/node', mode: 0o755, content: readFileSync(binary) },
    ...libraries.map((path) => ({ ...fileEntry(path.slice(1), path), mode: 0o755 })),
    { path: 'etc/passwd', content: Buffer.from('nonroot:x:10001:10001::/tmp:/sbin/nologin\n') },
    { path: 'tmp/', mode: 0o1777, content: 'folder' },
  ];
}

function binaryEntry(name: PartName): TarEntry {
  return { path: name, mode: 0o755, content: readFileSync(partBinary(name)) };
}

function fileEntry(path: string, source: string): TarEntry {
  return { path, content: readFileSync(source) };
}
