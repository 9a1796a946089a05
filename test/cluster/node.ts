import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addresses } from './addresses.ts';
import { run } from './command.ts';
import { type ControlPlane, flags, nodeName } from './control-plane.ts';
import { partBinary } from './parts.ts';
import type { Processes } from './processes.ts';
import { until } from './wait.ts';

/** Where Debian's containernetworking-plugins are. */
const cniPlugins = '/usr/lib/cni';
export const pauseImage = 'registry.test/pause:1';

/** Starts containerd, loads `images` (archives) into it, then starts kubelet and kube-proxy. */
export async function startNode(
  folder: string,
  processes: Processes,
  plane: ControlPlane,
  images: readonly string[],
): Promise<void> {
  const socket = await startContainerd(folder, processes);
  for (const image of images) await run('ctr', ['-a', socket, '-n', 'k8s.io', 'images', 'import', image]);
  startKubelet(folder, processes, plane, socket);
  startKubeProxy(folder, processes, plane);
}

async function startContainerd(folder: string, processes: Processes): Promise<string> {
  const socket = join(folder, 'containerd.sock');
  const cni = join(folder, 'cni');
  mkdirSync(cni);
  writeFileSync(join(cni, '10-pods.conflist'), JSON.stringify(podNetwork(folder), null, 2));
  const config = `
version = 2
root = ${JSON.stringify(join(folder, 'containerd'))}
state = ${JSON.stringify(join(folder, 'containerd-state'))}
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]
[grpc]
  address = ${JSON.stringify(socket)}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Without CAP_SYS_RESOURCE a sandbox may not lower its score, and would not start.
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cniPlugins}"
    conf_dir = ${JSON.stringify(cni)}
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
`;
  writeFileSync(join(folder, 'containerd.toml'), config);
  processes.start('containerd', 'containerd', ['--config', join(folder, 'containerd.toml')]);
  await until('containerd answers', () => run('ctr', ['-a', socket, 'version']));
  return socket;
}

/** Each pod has a veth and a route of its own, so that all its traffic passes the node's filters. */
function podNetwork(folder: string): unknown {
  const ipam = {
    type: 'host-local',
    dataDir: join(folder, 'cni-addresses'),
    ranges: [[{ subnet: addresses.podRange }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  return { cniVersion: '0.4.0', name: 'pods', plugins: [{ type: 'ptp', ipam }] };
}

function startKubelet(folder: string, processes: Processes, plane: ControlPlane, socket: string): void {
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: plane.authority.certificate },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: plane.kubeletServer.certificate,
    tlsPrivateKeyFile: plane.kubeletServer.key,
    containerRuntimeEndpoint: `unix://${socket}`,
    clusterDNS: [addresses.dnsService],
    clusterDomain: 'cluster.local',
    resolvConf: '',
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    oomScoreAdj: 0,
    volumePluginDir: join(folder, 'volume-plugins'),
    podLogsDir: join(folder, 'pod-logs'),
    // Changed Secrets reach their files within seconds instead of a minute and more.
    syncFrequency: '5s',
    nodeStatusUpdateFrequency: '5s',
    // A developer's full disk is no reason to evict.
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      'memory.available': '0%',
      'nodefs.available': '0%',
      'imagefs.available': '0%',
      'nodefs.inodesFree': '0%',
    },
  };
  writeFileSync(join(folder, 'kubelet.json'), JSON.stringify(config, null, 2));
  const options = {
    config: join(folder, 'kubelet.json'),
    kubeconfig: plane.kubeconfigs.kubelet,
    'root-dir': join(folder, 'kubelet'),
    'cert-dir': join(folder, 'kubelet-certificates'),
    'hostname-override': nodeName,
    'node-ip': addresses.node,
  };
  processes.start('kubelet', partBinary('kubelet'), flags(options));
}

function startKubeProxy(folder: string, processes: Processes, plane: ControlPlane): void {
  const config = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: plane.kubeconfigs['kube-proxy'] },
    mode: 'nftables',
    clusterCIDR: addresses.podRange,
    hostnameOverride: nodeName,
    oomScoreAdj: 0,
    // The limits of connection tracking belong to the machine.
    conntrack: { maxPerCore: 0, min: 0 },
  };
  writeFileSync(join(folder, 'kube-proxy.json'), JSON.stringify(config, null, 2));
  processes.start('kube-proxy', partBinary('kube-proxy'), flags({ config: join(folder, 'kube-proxy.json') }));
}
