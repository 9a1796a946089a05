import { expect, it } from 'vitest';
import { unfitBecause } from './given-cluster.ts';

const fit = { isAdmin: true, architectures: ['amd64', 'amd64'], foreignNamespaces: [] };

it('takes a cluster of several amd64 nodes', () => {
  expect(unfitBecause(fit)).toEqual([]);
});

it('says what to do about a user without rights, other nodes and namespaces of somebody else', () => {
  expect(unfitBecause({ ...fit, isAdmin: false })).toEqual([expect.stringContaining('`cluster-admin`')]);
  expect(unfitBecause({ ...fit, architectures: ['amd64', 'arm64'] })).toEqual([expect.stringContaining('arm64')]);
  expect(unfitBecause({ ...fit, foreignNamespaces: ['kagent'] })).toEqual([expect.stringContaining('kagent')]);
});
