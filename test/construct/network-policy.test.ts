import { Chart, Testing } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { describe, expect, it } from 'vitest';
import { type JsonMap, lookUp } from '../../src/expression/json.ts';
import type { ConsonantRelayer } from '../../src/index.ts';
import { newRelayer } from './app.ts';

const relayerPeer = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'consonant' } },
  podSelector: {
    matchLabels: {
      'app.kubernetes.io/name': 'consonant-relayer',
      'app.kubernetes.io/instance': 'relayer',
      'app.kubernetes.io/component': 'relayer',
    },
  },
};
const otlpPorts = [
  { port: 4317, protocol: 'TCP' },
  { port: 4318, protocol: 'TCP' },
];

function addSender(relayer: ConsonantRelayer): kplus.Deployment {
  return new kplus.Deployment(Chart.of(relayer), 'sender', {
    metadata: { namespace: 'senders' },
    containers: [
      { image: 'sender', portNumber: 8000, envVariables: { OTEL: kplus.EnvValue.fromValue(relayer.otlpGrpcEndpoint) } },
    ],
  });
}

/** The policies that the chart has beside the relayer's own. */
function policiesOf(relayer: ConsonantRelayer): readonly JsonMap[] {
  const own = new Set(relayer.objects.map(({ name }) => name));
  const all = Testing.synth(Chart.of(relayer)) as readonly JsonMap[];
  return all.filter(
    (object) => object['kind'] === 'NetworkPolicy' && !own.has(lookUp(object, ['metadata', 'name']) as string),
  );
}

describe('the relayer and NetworkPolicies of cdk8s-plus', () => {
  it('is a peer that may be reached', () => {
    const relayer = newRelayer();
    new kplus.NetworkPolicy(Chart.of(relayer), 'policy').addEgressRule(relayer, relayer.otlpPolicyPorts);
    expect(policiesOf(relayer)[0]).toMatchObject({ spec: { egress: [{ to: [relayerPeer], ports: otlpPorts }] } });
  });

  it('is a peer that may reach', () => {
    const relayer = newRelayer();
    new kplus.NetworkPolicy(Chart.of(relayer), 'policy').addIngressRule(relayer);
    expect(policiesOf(relayer)[0]).toMatchObject({ spec: { ingress: [{ from: [relayerPeer] }] } });
  });

  it("is what a policy is for, in the relayer's namespace", () => {
    const relayer = newRelayer();
    new kplus.NetworkPolicy(Chart.of(relayer), 'policy', { selector: relayer });
    expect(policiesOf(relayer)[0]).toMatchObject({
      metadata: { namespace: 'consonant' },
      spec: { podSelector: relayerPeer.podSelector },
    });
  });

  it('is connected with a workload by a policy on each side', () => {
    const relayer = newRelayer();
    const sender = addSender(relayer);
    sender.connections.allowTo(relayer, { ports: relayer.otlpPolicyPorts });
    const [egress, ingress] = policiesOf(relayer);
    expect(egress).toMatchObject({
      metadata: { namespace: 'senders' },
      spec: { egress: [{ to: [relayerPeer], ports: otlpPorts }] },
    });
    expect(ingress).toMatchObject({
      metadata: { namespace: 'consonant' },
      spec: {
        podSelector: relayerPeer.podSelector,
        ingress: [{ from: [{ podSelector: { matchLabels: sender.matchLabels } }], ports: otlpPorts }],
      },
    });
  });
});
