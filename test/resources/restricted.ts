import type { KubeObject } from './render.ts';

/** Volumes that the standard allows. */
const volumeKinds = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/**
 * What in a pod the `restricted` Pod Security Standard forbids; empty when it is allowed.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function restrictedProblems(spec: KubeObject): readonly string[] {
  const containers: readonly KubeObject[] = [...(spec.initContainers ?? []), ...spec.containers];
  return [...podProblems(spec), ...containers.flatMap((one) => containerProblems(one, spec.securityContext ?? {}))];
}

function podProblems(spec: KubeObject): readonly string[] {
  const pod = spec.securityContext ?? {};
  return failed([
    [!spec.hostNetwork && !spec.hostPID && !spec.hostIPC, 'shares a namespace with the host'],
    [pod.runAsNonRoot !== false, 'the pod runs as root'],
    [pod.runAsUser !== 0, 'the pod runs as user 0'],
    [isAllowedSeccomp(pod.seccompProfile, true), 'the pod has no seccomp profile'],
    [(pod.sysctls ?? []).length === 0, 'sets sysctls'],
    [pod.windowsOptions?.hostProcess !== true, 'is a host process'],
    [pod.seLinuxOptions === undefined, 'sets SELinux options'],
    [pod.appArmorProfile === undefined, 'sets an AppArmor profile'],
    ...(spec.volumes ?? []).map((volume: KubeObject): Check => [
      Object.keys(volume).every((key) => key === 'name' || volumeKinds.includes(key)),
      `the volume ${volume.name} is of a forbidden kind`,
    ]),
  ]);
}

function containerProblems(container: KubeObject, pod: KubeObject): readonly string[] {
  const own = container.securityContext ?? {};
  const { drop = [], add = [] } = own.capabilities ?? {};
  const ports: readonly KubeObject[] = container.ports ?? [];
  return failed([
    [own.privileged !== true, 'is privileged'],
    [own.allowPrivilegeEscalation === false, 'may gain privileges'],
    [(own.runAsNonRoot ?? pod.runAsNonRoot) === true, 'may run as root'],
    [own.runAsUser !== 0, 'runs as user 0'],
    [drop.includes('ALL'), 'keeps capabilities'],
    [add.every((one: string) => one === 'NET_BIND_SERVICE'), 'adds capabilities'],
    [isAllowedSeccomp(own.seccompProfile ?? pod.seccompProfile, false), 'has no seccomp profile'],
    [own.procMount === undefined || own.procMount === 'Default', 'unmasks /proc'],
    [own.seLinuxOptions === undefined, 'sets SELinux options'],
    [ports.every((port) => port.hostPort === undefined), 'opens a port of the host'],
    [!hasHostProbe(container), 'probes another host'],
  ]).map((problem) => `${container.name} ${problem}`);
}

function hasHostProbe(container: KubeObject): boolean {
  const handlers = [
    container.livenessProbe,
    container.readinessProbe,
    container.startupProbe,
    container.lifecycle?.postStart,
    container.lifecycle?.preStop,
  ];
  return handlers.some((one) => one?.httpGet?.host !== undefined || one?.tcpSocket?.host !== undefined);
}

function isAllowedSeccomp(profile: KubeObject, mayBeAbsent: boolean): boolean {
  if (profile === undefined) return mayBeAbsent;
  return ['RuntimeDefault', 'Localhost'].includes(profile.type);
}

type Check = readonly [holds: boolean, problem: string];

function failed(checks: readonly Check[]): string[] {
  return checks.filter(([holds]) => !holds).map(([, problem]) => problem);
}
