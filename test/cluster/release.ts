import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HelmVersion } from '../helm/binaries.ts';
import { blocksOf, fileNameOf } from '../readme/markdown.ts';
import { readPage } from '../readme/pages.ts';
import type { Result } from './command.ts';
import type { KubeObject } from './kube.ts';
import type { Scene } from './scenario.ts';

export const chart: string = fileURLToPath(new URL('../../chart-out/consonant-relayer', import.meta.url));
export const releaseName = 'consonant-prod';
export const fullName = `${releaseName}-consonant-relayer`;

/** `cluster.name` of `quickStart`. */
export const clusterName = 'production-us-east-1';

/** As Cloudflare makes them: base64 of account, secret and tunnel. Valid for cloudflared, of no real tunnel. */
export const tunnelToken: string = Buffer.from(
  JSON.stringify({
    a: '0'.repeat(32),
    s: Buffer.alloc(32, 7).toString('base64'),
    t: '00000000-0000-4000-8000-000000000001',
  }),
).toString('base64');

/** The arguments of the quick start of the chart's README, with the certificate authority of this backend. */
export const quickStart: readonly string[] = setArguments({
  'cluster.name': clusterName,
  'backend.url': 'https://consonant.yourcompany.com',
  'cloudflare.tunnelToken': tunnelToken,
  'llm.provider': 'anthropic',
  'llm.apiKey': 'sk-ant-test',
  'backend.caSecret.name': 'backend-ca',
});

/** Beside `quickStart`, where more pods show nothing more. */
export const oneReplica: readonly string[] = setArguments({ 'relayer.replicas': '1' });

export function setArguments(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
}

/** The Secret that `quickStart` names. */
export async function createBackendCa({ kube, backend, namespace }: Scene): Promise<void> {
  await kube.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'backend-ca', namespace },
    stringData: { 'ca.crt': backend.certificateAuthority },
  });
}

export interface InstallOptions {
  /** Default 4.1. */
  readonly helm?: HelmVersion;
  /** Default 240. */
  readonly timeoutSeconds?: number;
}

/** `helm install --wait`. @throws Error with what Helm said */
export async function install(scene: Scene, args: readonly string[], options: InstallOptions = {}): Promise<string> {
  const { helm = '4.1', timeoutSeconds = 240 } = options;
  return scene.kube.helm(helm, helmArguments('install', scene, args, timeoutSeconds));
}

/** `helm upgrade --wait`. @throws Error with what Helm said */
export async function upgrade(scene: Scene, args: readonly string[], options: InstallOptions = {}): Promise<string> {
  const { helm = '4.1', timeoutSeconds = 240 } = options;
  return scene.kube.helm(helm, helmArguments('upgrade', scene, args, timeoutSeconds));
}

/** As `install`, where it may fail. */
export async function tryInstall(scene: Scene, args: readonly string[], options: InstallOptions = {}): Promise<Result> {
  const { helm = '4.1', timeoutSeconds = 240 } = options;
  return scene.kube.tryHelm(helm, helmArguments('install', scene, args, timeoutSeconds));
}

function helmArguments(verb: string, scene: Scene, args: readonly string[], timeoutSeconds: number): readonly string[] {
  const waiting = ['--wait', '--timeout', `${timeoutSeconds}s`];
  return [verb, releaseName, chart, '-n', scene.namespace, ...args, ...reachArguments(scene), ...waiting];
}

/** `helm template`. @returns the manifest */
export function render(scene: Scene, args: readonly string[]): Promise<string> {
  const { kube, namespace } = scene;
  return kube.helm('4.1', ['template', releaseName, chart, '-n', namespace, ...args, ...reachArguments(scene)]);
}

/** Charts keep pods away from private addresses, which a backend beside a given cluster may have. */
function reachArguments({ backend }: Scene): readonly string[] {
  return backend.isPrivate ? setArguments({ 'networkPolicy.egress.backend.cidrs[0]': `${backend.address}/32` }) : [];
}

/** A values file of the chart's README, such as `production-values.yaml`, written to the scene's folder. @returns its path */
export function readmeValues({ folder }: Scene, name: string): string {
  const blocks = blocksOf(readPage('docs/chart/README.md'));
  const block = blocks.find((one) => fileNameOf(one) === name);
  if (block === undefined) throw new Error(`the chart's README has no block ${name}`);
  const path = join(folder, name);
  writeFileSync(path, `${block.text}\n`);
  return path;
}

export function relayerPods({ kube, namespace }: Scene): Promise<readonly KubeObject[]> {
  const selector = 'app.kubernetes.io/name=consonant-relayer,app.kubernetes.io/component=relayer';
  return kube.list('pods', namespace, selector);
}

/** How often a container of a pod was started again. */
export function restartsOf(pod: KubeObject | undefined, container: string): number {
  const statuses: readonly { readonly name: string; readonly restartCount: number }[] =
    pod?.['status'].containerStatuses ?? [];
  return statuses.find(({ name }) => name === container)?.restartCount ?? 0;
}

/** What a pod's own address answers, asked from within, as from outside a network plugin may not let it through. */
export async function askInPod(
  { kube, namespace }: Scene,
  pod: string,
  { port, path }: { readonly port: number; readonly path: string },
): Promise<{ readonly status: number; readonly body: string }> {
  const script = `fetch('http://127.0.0.1:${port}${path}').then(async (answer) =>
    console.log(JSON.stringify({ status: answer.status, body: await answer.text() })))`;
  const where = ['-n', namespace, pod, '-c', 'relayer'];
  return JSON.parse(await kube.kubectl(['exec', ...where, '--', '/nodejs/bin/node', '-e', script]));
}
