import { ApiObject } from 'cdk8s';
import { LabelSelector } from 'cdk8s-plus-28';
import type { INetworkPolicyPeer, IPodSelector, NetworkPolicyPeerConfig, PodSelectorConfig } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { ChartError, type Problem } from '../errors.ts';
import { evaluateValue } from '../expression/evaluate.ts';
import type { JsonMap } from '../expression/json.ts';
import { type Expression, node } from '../expression/node.ts';
import { renderObjects, scopeOf } from '../manifest/definition.ts';
import { agentNamespaces, credentialsSecret, serviceAccountName } from '../resources/facts.ts';
import { definition } from '../resources/definition.ts';
import { fullname, selectorLabels } from '../resources/names.ts';
import { parseValues } from '../schema/parse.ts';
import type { ValuesInput } from '../values/values.ts';
import { type ReleaseProps, releaseOptionsOf, releaseProblems } from './release.ts';

export interface ConsonantRelayerProps {
  /** The same values as those of the Helm chart. */
  readonly values: ValuesInput;
  readonly release: ReleaseProps;
}

/**
 * The Consonant Relayer in any cdk8s app: the objects that `helm template` renders for the same values, each as
 * one `ApiObject`.
 *
 * Without Helm its hooks are ordinary objects and nothing waits for the registration Job: use
 * `registration.mode: startup`, with which the relayer registers itself, or give
 * `backend.credentials.existingSecret`.
 *
 * @throws ChartError `invalid-values` with every problem of the values and the release, each with its path.
 */
export class ConsonantRelayer extends Construct implements INetworkPolicyPeer, IPodSelector {
  /** Name of the Deployment or StatefulSet, of the Service, and the start of all other names. */
  readonly name: string;
  readonly namespace: string;
  /** Name of the Service, as a host name within the cluster `SERVICE.NAMESPACE.svc`. */
  readonly serviceHost: string;
  /** Ports of the Service. */
  readonly ports: { readonly otlpGrpc: number; readonly otlpHttp: number; readonly http: number };
  /** Where agents send OTLP over gRPC, such as `http://NAME.NAMESPACE.svc:4317`. */
  readonly otlpGrpcEndpoint: string;
  /** Where agents send OTLP over HTTP, such as `http://NAME.NAMESPACE.svc:4318`. */
  readonly otlpHttpEndpoint: string;
  /** Labels that select the relayer's pods. */
  readonly selectorLabels: Readonly<Record<string, string>>;
  readonly serviceAccountName: string;
  /** Name of the Secret with clusterId and clusterToken. */
  readonly credentialsSecretName: string;
  /** Namespaces from which agents may send telemetry. */
  readonly agentNamespaces: readonly string[];
  /** Every object, in the order of the chart's templates. */
  readonly objects: readonly ApiObject[];

  constructor(scope: Construct, id: string, props: ConsonantRelayerProps) {
    super(scope, id);
    const release = releaseOptionsOf(props.release);
    const rendered = renderObjects(definition, props.values, release);
    const parsed = parseValues(definition.schema, props.values);
    const problems = [...releaseProblems(release), ...(rendered.problems ?? [])];
    if (rendered.objects === undefined || parsed.values === undefined || problems.length > 0) {
      throw invalid(this, problems);
    }
    const scopeOfValues = scopeOf(definition, parsed.values, release);
    const valueOf = <T>(expression: Expression<T>): T => evaluateValue(expression[node], scopeOfValues) as T;
    const { relayer } = parsed.values as { relayer: { otel: Record<string, number>; health: Record<string, number> } };

    this.name = valueOf(fullname);
    this.namespace = release.namespace;
    this.serviceHost = `${this.name}.${this.namespace}.svc`;
    this.ports = {
      otlpGrpc: relayer.otel['grpcPort'] as number,
      otlpHttp: relayer.otel['httpPort'] as number,
      http: relayer.health['port'] as number,
    };
    this.otlpGrpcEndpoint = `http://${this.serviceHost}:${this.ports.otlpGrpc}`;
    this.otlpHttpEndpoint = `http://${this.serviceHost}:${this.ports.otlpHttp}`;
    this.selectorLabels = valueOf(selectorLabels());
    this.serviceAccountName = valueOf(serviceAccountName);
    this.credentialsSecretName = valueOf(credentialsSecret);
    this.agentNamespaces = valueOf(agentNamespaces);
    this.objects = addObjects(this, rendered.objects);
    this.node.addValidation({ validate: () => clashesOf(this) });
  }

  /** The object of a kind, by the end of its name: `find('Secret', '-llm')`. */
  find(kind: string, suffix = ''): ApiObject | undefined {
    return this.objects.find((object) => object.kind === kind && object.name === `${this.name}${suffix}`);
  }

  /** The relayer's pods, as a peer of a cdk8s-plus NetworkPolicy. */
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
}

function invalid(of: Construct, problems: readonly Problem[]): ChartError {
  return new ChartError('invalid-values', `${of.node.path}: these values can't be used:`, problems);
}

/** One ApiObject each. Its id is kind, namespace and name, so that a diff of two apps is stable. */
function addObjects(scope: Construct, objects: readonly JsonMap[]): readonly ApiObject[] {
  return objects.map((object) => {
    const { name, namespace } = object['metadata'] as { name: string; namespace?: string };
    const id = [object['kind'], namespace, name].filter(Boolean).join('-');
    const taken = scope.node.tryFindChild(id) !== undefined;
    const unique = taken ? `${id}-${scope.node.children.length}` : id;
    return new ApiObject(scope, unique, object as { apiVersion: string; kind: string });
  });
}

/** Two instances with the same names would overwrite each other's objects in the cluster. */
function clashesOf(relayer: ConsonantRelayer): string[] {
  const others = relayer.node.root.node.findAll().filter((other) => other !== relayer);
  const same = others.filter(
    (other): other is ConsonantRelayer =>
      other instanceof ConsonantRelayer && other.name === relayer.name && other.namespace === relayer.namespace,
  );
  return same.map((other) => `${other.node.path} makes objects of the same names: give it another release.name`);
}
