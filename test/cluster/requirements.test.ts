import { expect, test } from 'vitest';
import { type Machine, missingRequirements } from './requirements.ts';

const able: Machine = {
  platform: 'linux',
  arch: 'x64',
  isRoot: true,
  canMakeNamespaces: true,
  isFree: true,
  isAnotherKubeletThere: false,
  notCached: [],
  has: () => true,
  hasNetworkPlugins: true,
  temporaryFolder: { path: '/tmp', realPath: '/tmp', isOverlay: false },
};
const kind = { kubeconfig: '/kubeconfig', backendAddress: '172.18.0.1', loadImage: 'kind load image-archive' };

test('a machine that has everything lacks nothing', () => {
  expect(missingRequirements(able, undefined, false)).toEqual([]);
  expect(missingRequirements(able, kind, false)).toEqual([]);
});

test('without root and packages both are said, with the command that installs them', () => {
  const machine = { ...able, isRoot: false, hasNetworkPlugins: false, has: (name: string) => name !== 'nft' };
  expect(missingRequirements(machine, undefined, true)).toEqual([
    'It needs root, for namespaces and containers.',
    "It needs Debian's packages nftables, containernetworking-plugins: apt-get install -y --no-install-recommends nftables containernetworking-plugins",
    'Not on the PATH: nft.',
  ]);
});

test('a cold cache needs Go, and is itself missing where nothing may be built', () => {
  const cold = { ...able, notCached: ['kubelet', 'node'], has: (name: string) => name !== 'go' };
  expect(missingRequirements(cold, undefined, true)).toEqual(['It needs Go 1.26 or newer to build kubelet.']);
  expect(missingRequirements({ ...cold, has: () => true }, undefined, true)).toEqual([]);
  expect(missingRequirements({ ...cold, has: () => true }, undefined, false)).toEqual([
    'The cache lacks kubelet, node: npm run test:cluster makes them, in up to an hour.',
  ]);
});

test('a cluster of its own is not brought up beside another kubelet or run, nor where there are no namespaces', () => {
  for (const lack of [{ isAnotherKubeletThere: true }, { isFree: false }, { canMakeNamespaces: false }]) {
    const machine = { ...able, ...lack };
    expect(missingRequirements(machine, undefined, true)).toHaveLength(1);
    expect(missingRequirements(machine, kind, true)).toEqual([]);
  }
});

test('a given cluster needs neither root nor packages, but a way to it', () => {
  const user = {
    ...able,
    isRoot: false,
    hasNetworkPlugins: false,
    has: (name: string) => ['openssl', 'curl', 'setpriv'].includes(name),
  };
  expect(missingRequirements(user, kind, true)).toEqual([]);
  expect(missingRequirements({ ...user, has: () => false }, kind, true)).toEqual(['It needs openssl, curl, setpriv.']);
  const problems = missingRequirements(user, { ...kind, backendAddress: 'host', loadImage: '' }, true);
  expect(problems).toEqual([
    expect.stringContaining('CLUSTER_BACKEND_ADDRESS'),
    expect.stringContaining('CLUSTER_LOAD_IMAGE'),
  ]);
});
