import type { ApiObject } from 'cdk8s';
import { LabelSelector, NetworkPolicyPort } from 'cdk8s-plus-28';
import type { INetworkPolicyPeer, IPodSelector, NetworkPolicyPeerConfig, PodSelectorConfig } from 'cdk8s-plus-28';
import { Construct, type IConstruct } from 'constructs';
import { definition } from '../resources/definition.ts';
import { agentNamespaces, credentialsSecret, serviceAccountName } from '../resources/facts.ts';
import { fullname, selectorLabels } from '../resources/names.ts';
import { values } from '../values/references.ts';
import type { ValuesInput } from '../values/values.ts';
import { addObjects } from './add-objects.ts';
import type { ReleaseProps } from './release.ts';
import { renderChart } from './render-chart.ts';

export interface ConsonantRelayerProps {
  /** The same values as those of the Helm chart. */
  readonly values: ValuesInput;
  readonly release: ReleaseProps;
}

/** Port numbers of the Service and of the pods. */
export interface RelayerPorts {
  /** OTLP over gRPC. */
  readonly otlpGrpc: number;
  /** OTLP over HTTP. */
  readonly otlpHttp: number;
  /** `/health`, `/livez`, `/readyz` and `/metrics`. */
  readonly http: number;
}

/**
 * The Consonant Relayer in any cdk8s app: the objects that `helm template` renders for the same values, each as
 * one `ApiObject`.
 *
 * Without Helm its hooks are ordinary objects and nothing waits for the registration Job: use
 * `registration.mode: startup`, with which the relayer registers itself, or give
 * `backend.credentials.existingSecret`. The pod of `helm test` is an ordinary one too: `tests.enabled: false` leaves
 * it out.
 *
 * As a peer of a cdk8s-plus NetworkPolicy it stands for the relayer's pods.
 *
 * @throws ChartError `invalid-values` with every problem of the values and the release, each with its path.
 */
export class ConsonantRelayer extends Construct implements INetworkPolicyPeer, IPodSelector {
  /** Name of the Deployment or StatefulSet, of the Service, and the start of all other names. */
  readonly name: string;
  /** Namespace of the release. */
  readonly namespace: string;
  /** Ports of the Service and of the pods. */
  readonly ports: RelayerPorts;
  /** Labels that select the relayer's pods. */
  readonly selectorLabels: Readonly<Record<string, string>>;
  /** Account that the relayer's pods run as. */
  readonly serviceAccountName: string;
  /** Name of the Secret with clusterId and clusterToken. */
  readonly credentialsSecretName: string;
  /** Namespaces from which agents may send telemetry. */
  readonly agentNamespaces: readonly string[];

  /** Every object, in the order of the chart's templates. */
  readonly objects: readonly ApiObject[];

  constructor(scope: Construct, id: string, props: ConsonantRelayerProps) {
    const chart = renderChart(definition, props, [scope, id]);
    super(scope, id);
    this.name = chart.evaluate(fullname);
    this.namespace = chart.release.namespace;
    this.ports = {
      otlpGrpc: chart.evaluate(values.relayer.otel.grpcPort),
      otlpHttp: chart.evaluate(values.relayer.otel.httpPort),
      http: chart.evaluate(values.relayer.health.port),
    };
    this.selectorLabels = chart.evaluate(selectorLabels());
    this.serviceAccountName = chart.evaluate(serviceAccountName);
    this.credentialsSecretName = chart.evaluate(credentialsSecret);
    this.agentNamespaces = chart.evaluate(agentNamespaces);
    this.objects = addObjects(this, chart, { clusterName: chart.evaluate(values.cluster.name) });
  }

  /** All objects come after those of these constructs: the same as `node.addDependency`. */
  addDependency(...dependencies: IConstruct[]): void {
    this.node.addDependency(...dependencies);
  }

  /** The Service that agents send telemetry to. */
  get service(): ApiObject {
    return this.#get('Service');
  }

  /** The Deployment, or the StatefulSet of `relayer.queue.persistence`. */
  get workload(): ApiObject {
    return this.find('Deployment') ?? this.#get('StatefulSet');
  }

  /** The settings of the relayer. */
  get configMap(): ApiObject {
    return this.#get('ConfigMap', '-config');
  }

  /** Host name of the Service within the cluster: `NAME.NAMESPACE.svc`. */
  get serviceHost(): string {
    return `${this.name}.${this.namespace}.svc`;
  }

  /** Where agents send OTLP over gRPC, such as `http://NAME.NAMESPACE.svc:4317`. */
  get otlpGrpcEndpoint(): string {
    return `http://${this.serviceHost}:${this.ports.otlpGrpc}`;
  }

  /** Where agents send OTLP over HTTP, such as `http://NAME.NAMESPACE.svc:4318`. */
  get otlpHttpEndpoint(): string {
    return `http://${this.serviceHost}:${this.ports.otlpHttp}`;
  }

  /** The ports of OTLP for a rule of a cdk8s-plus NetworkPolicy. */
  get otlpPolicyPorts(): NetworkPolicyPort[] {
    return [NetworkPolicyPort.tcp(this.ports.otlpGrpc), NetworkPolicyPort.tcp(this.ports.otlpHttp)];
  }

  /**
   * The object of a kind by the end of its name: `find('Secret', '-llm')`. Undefined where the values ask for none;
   * the first one where there is one for each of several namespaces.
   */
  find(kind: string, suffix = ''): ApiObject | undefined {
    return this.objects.find((object) => object.kind === kind && object.name === `${this.name}${suffix}`);
  }

  toNetworkPolicyPeerConfig(): NetworkPolicyPeerConfig {
    return { podSelector: this.toPodSelectorConfig() };
  }

  toPodSelector(): IPodSelector {
    return this;
  }

  toPodSelectorConfig(): PodSelectorConfig {
    return {
      labelSelector: LabelSelector.of({ labels: { ...this.selectorLabels } }),
      namespaces: { names: [this.namespace] },
    };
  }

  /** An object that every values document has. */
  #get(kind: string, suffix = ''): ApiObject {
    const found = this.find(kind, suffix);
    if (found === undefined) throw new TypeError(`${this.node.path} has no ${kind} called ${this.name}${suffix}`);
    return found;
  }
}
