import { ConsonantRelayer } from '@consonant/relayer-chart';
import { App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';

const app = new App();
const chart = new Chart(app, 'telemetry');

/** A relayer in a namespace of its own; the relayer's objects come after the namespace. */
function addRelayer(environment: 'staging' | 'production'): ConsonantRelayer {
  const name = `relayer-${environment}`;
  const namespace = new kplus.Namespace(chart, `${name}-namespace`, { metadata: { name } });
  const relayer = new ConsonantRelayer(chart, name, {
    release: { name: 'relayer', namespace: name },
    values: {
      cluster: { name: `example-${environment}`, environment },
      backend: { url: `https://${environment}.consonant.example.com` },
      // Without Helm no hook runs: the relayer registers itself, and the pod of `helm test` is left out.
      registration: { mode: 'startup', existingSecret: 'registration-token' },
      tests: { enabled: false },
      cloudflare: { existingSecret: 'cloudflare-tunnel' },
      llm: { existingSecret: 'llm-api-key' },
      relayer: { replicas: environment === 'production' ? 3 : 1 },
    },
  });
  relayer.addDependency(namespace);
  return relayer;
}

addRelayer('staging');
const relayer = addRelayer('production');

const shop = new kplus.Namespace(chart, 'shop', { metadata: { name: 'shop' } });
const sender = new kplus.Deployment(chart, 'checkout', {
  metadata: { namespace: shop.name },
  containers: [
    {
      image: 'ghcr.io/example/checkout:1.0.0',
      envVariables: { OTEL_EXPORTER_OTLP_ENDPOINT: kplus.EnvValue.fromValue(relayer.otlpGrpcEndpoint) },
      securityContext: { user: 10001 },
    },
  ],
});

// The relayer admits nobody whom its values do not name: a policy lets the sender in. A sender that is isolated too
// needs the other direction as well, and DNS: `sender.connections.allowTo(relayer, { ports: relayer.otlpPolicyPorts })`.
const policy = new kplus.NetworkPolicy(chart, 'checkout-to-relayer', { selector: relayer });
policy.addIngressRule(sender, relayer.otlpPolicyPorts);

app.synth();
