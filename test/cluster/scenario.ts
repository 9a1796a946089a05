import type { Backend } from './backend.ts';
import type { Kube } from './kube.ts';

/** What a scenario works with. The namespaces are empty and meet the `restricted` standard, the backend is empty. */
export interface Scene {
  readonly kube: Kube;
  readonly backend: Backend;
  /** Where the release goes: that of the documentation. */
  readonly namespace: string;
  /** Where the agents are: that of the documentation. */
  readonly agentNamespace: string;
  /** A folder of this scenario's own. */
  readonly folder: string;
}

/**
 * One proof on a cluster. It passes when `run` resolves. What it makes in the scene's namespaces, and in those of
 * `createNamespace`, is removed after it; anything else it has to remove itself.
 */
export interface Scenario {
  /** Kebab-case, unique; what `--only` takes. */
  readonly name: string;
  /** Whether it reaches into the node, its network or the cluster's DNS, so that another cluster's table says `skipped`. */
  readonly needsOwnCluster?: boolean;
  readonly run: (scene: Scene) => Promise<void>;
}
