import { delimiter, dirname } from 'node:path';
import { type CommandOptions, type Result, attempt, run } from './command.ts';
import { type HelmVersion, helmBinary, kubectlBinary } from '../helm/binaries.ts';

/** What the scenarios read of any object. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: any;
}

/** Of pods and nodes. */
export function isReady({ status }: KubeObject): boolean {
  const conditions: readonly { readonly type: string; readonly status: string }[] = status?.conditions ?? [];
  return conditions.some(({ type, status: answer }) => type === 'Ready' && answer === 'True');
}

/** kubectl and Helm against one cluster. */
export class Kube {
  readonly kubeconfig: string;
  readonly kubectlPath: string = kubectlBinary();
  readonly #stop: AbortSignal | undefined;

  /** @param stop interrupts the commands that run, and lets no further one start */
  constructor(kubeconfig: string, stop?: AbortSignal) {
    this.kubeconfig = kubeconfig;
    this.#stop = stop;
  }

  /** What a program needs in its environment to find kubectl, Helm 4 and the cluster. */
  get environment(): Readonly<Record<'KUBECONFIG' | 'PATH', string>> {
    return { KUBECONFIG: this.kubeconfig, PATH: [...this.folders, process.env['PATH']].join(delimiter) };
  }

  /** Of kubectl and Helm 4. */
  get folders(): readonly string[] {
    return [this.kubectlPath, helmBinary('4.1')].map((path) => dirname(path));
  }

  /** @throws Error with what kubectl said when it fails */
  kubectl(args: readonly string[], options?: CommandOptions): Promise<string> {
    return run(this.kubectlPath, args, this.#with(options));
  }

  tryKubectl(args: readonly string[], options?: CommandOptions): Promise<Result> {
    return attempt(this.kubectlPath, args, this.#with(options));
  }

  /** @throws Error with what Helm said when it fails */
  helm(version: HelmVersion, args: readonly string[], options?: CommandOptions): Promise<string> {
    return run(helmBinary(version), args, this.#with({ timeoutMs: 400_000, ...options }));
  }

  tryHelm(version: HelmVersion, args: readonly string[], options?: CommandOptions): Promise<Result> {
    return attempt(helmBinary(version), args, this.#with({ timeoutMs: 400_000, ...options }));
  }

  /** With the definition of one of them, or of several in a list. */
  async apply(...objects: readonly object[]): Promise<void> {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    await this.kubectl(['apply', '-f', '-'], { input: JSON.stringify(list) });
  }

  /** Undefined when there is none. */
  async get(kind: string, name: string, namespace?: string): Promise<KubeObject | undefined> {
    const scope = namespace === undefined ? [] : ['-n', namespace];
    const text = await this.kubectl(['get', kind, name, ...scope, '-o', 'json', '--ignore-not-found']);
    return text === '' ? undefined : (JSON.parse(text) as KubeObject);
  }

  async list(kind: string, namespace: string, selector?: string): Promise<readonly KubeObject[]> {
    const filter = selector === undefined ? [] : ['-l', selector];
    const text = await this.kubectl(['get', kind, '-n', namespace, ...filter, '-o', 'json']);
    return (JSON.parse(text) as { readonly items: readonly KubeObject[] }).items;
  }

  #with(options: CommandOptions = {}): CommandOptions {
    return { signal: this.#stop, ...options, environment: { ...options.environment, KUBECONFIG: this.kubeconfig } };
  }
}
