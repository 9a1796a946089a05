import { join } from 'node:path';
import { addresses, ports } from './addresses.ts';
import { Authority, type KeyPair } from './certificates.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { partBinary } from './parts.ts';
import type { Processes } from './processes.ts';

export interface ControlPlane {
  readonly authority: Authority;
  /** Kubeconfigs by user. */
  readonly kubeconfigs: Readonly<Record<'admin' | 'kubelet' | 'kube-proxy', string>>;
  readonly kubeletServer: KeyPair;
}

export const nodeName = 'node';

/** Starts etcd, API server, controller manager and scheduler. They may not be ready yet. */
export async function startControlPlane(folder: string, processes: Processes): Promise<ControlPlane> {
  const authority = await Authority.create(folder, 'kubernetes');
  const user = async (file: string, commonName: string, organisation: string): Promise<string> => {
    const pair = await authority.issue(file, { commonName, organisation });
    return writeKubeconfig(join(folder, `${file}.kubeconfig`), authority, pair);
  };
  const server = await authority.issue('api-server', {
    commonName: 'kube-apiserver',
    names: [
      ...[addresses.node, addresses.apiService, '127.0.0.1'].map((address) => `IP:${address}`),
      ...['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'localhost'].map((name) => `DNS:${name}`),
    ],
  });
  const kubeletClient = await authority.issue('kubelet-client', { commonName: 'api', organisation: 'system:masters' });
  const serviceAccounts = await authority.issue('service-accounts', { commonName: 'service-accounts' });
  const kubeconfigs = {
    admin: await user('admin', 'admin', 'system:masters'),
    kubelet: await user('kubelet', `system:node:${nodeName}`, 'system:nodes'),
    'kube-proxy': await user('kube-proxy', 'system:kube-proxy', 'system:node-proxier'),
  };
  startEtcd(folder, processes);
  startApiServer(processes, { authority, server, kubeletClient, serviceAccounts });
  const controllers = await user('controllers', 'system:kube-controller-manager', 'system:kube-controller-manager');
  startControllers(processes, controllers, authority, serviceAccounts);
  const scheduler = await user('scheduler', 'system:kube-scheduler', 'system:kube-scheduler');
  processes.start(
    'kube-scheduler',
    partBinary('kube-scheduler'),
    flags({ kubeconfig: scheduler, 'leader-elect': 'false' }),
  );
  const names = [`DNS:${nodeName}`, `IP:${addresses.node}`];
  const kubeletServer = await authority.issue('kubelet-server', { commonName: nodeName, names });
  return { authority, kubeconfigs, kubeletServer };
}

function startEtcd(folder: string, processes: Processes): void {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const options = { 'data-dir': join(folder, 'etcd'), 'listen-client-urls': client, 'advertise-client-urls': client };
  // What it keeps lives as long as the cluster: no need to wait for the disk.
  processes.start('etcd', partBinary('etcd'), [...flags(options), '--unsafe-no-fsync']);
}

interface ApiServerKeys {
  readonly authority: Authority;
  readonly server: KeyPair;
  readonly kubeletClient: KeyPair;
  readonly serviceAccounts: KeyPair;
}

function startApiServer(
  processes: Processes,
  { authority, server, kubeletClient, serviceAccounts }: ApiServerKeys,
): void {
  const options = {
    'etcd-servers': `http://127.0.0.1:${ports.etcd}`,
    'secure-port': String(ports.api),
    'advertise-address': addresses.node,
    'service-cluster-ip-range': addresses.serviceRange,
    'tls-cert-file': server.certificate,
    'tls-private-key-file': server.key,
    'client-ca-file': authority.certificate,
    'kubelet-client-certificate': kubeletClient.certificate,
    'kubelet-client-key': kubeletClient.key,
    'kubelet-certificate-authority': authority.certificate,
    'kubelet-preferred-address-types': 'InternalIP',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': serviceAccounts.certificate,
    'service-account-signing-key-file': serviceAccounts.key,
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'allow-privileged': 'true',
  };
  processes.start('kube-apiserver', partBinary('kube-apiserver'), flags(options));
}

function startControllers(processes: Processes, kubeconfig: string, authority: Authority, accounts: KeyPair): void {
  const options = {
    kubeconfig,
    'leader-elect': 'false',
    'service-account-private-key-file': accounts.key,
    'root-ca-file': authority.certificate,
    'use-service-account-credentials': 'true',
  };
  processes.start('kube-controller-manager', partBinary('kube-controller-manager'), flags(options));
}

export function flags(options: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(options).map(([name, value]) => `--${name}=${value}`);
}
