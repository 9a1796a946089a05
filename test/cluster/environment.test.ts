import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { innerEnvironment } from './environment.ts';

test('nothing of the user’s settings turns programs away from the cluster, or leaves theirs in the home', () => {
  const folder = mkdtempSync(join(tmpdir(), 'environment-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const settings = { HTTPS_PROXY: 'http://p', no_proxy: '*', HELM_KUBECONTEXT: 'other', ETCD_NAME: 'e', KUBERC: '/x' };
  const kept = { PATH: '/bin', KUBECTL_BIN: '/kubectl', HELM_BIN_4_1: '/helm' };
  expect(innerEnvironment({ ...settings, ...kept, HOME: '/root' }, folder)).toEqual({
    ...kept,
    HOME: join(folder, 'home'),
    CLUSTER_CACHE: expect.stringContaining('/'),
  });
});
