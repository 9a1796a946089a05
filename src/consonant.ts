/** The one place where Consonant's schema, rules, resources, notes and metadata meet the two back-ends. */
import { stringify } from 'yaml';
import type { ChartMetadata, ChartSource, HelperPlacement } from './chart/source.ts';
import { definition } from './resources/definition.ts';
import { chartName } from './resources/names.ts';
import { schema } from './values/references.ts';

const description =
  'Streams OpenTelemetry of AI agents (kagent) from a Kubernetes cluster to a self-hosted Consonant backend';
const home = 'https://docs.consonant.xyz';
const repository = 'https://github.com/consonant/helm-charts';

const metadata: ChartMetadata = {
  description,
  // -0: without it versions such as v1.30.1-eks-1 would be refused.
  kubeVersion: '>=1.24.0-0',
  home,
  keywords: ['ai-agents', 'kagent', 'opentelemetry', 'otlp', 'telemetry', 'cloudflare-tunnel'],
  sources: [repository],
  maintainers: [{ name: 'Consonant', email: 'support@consonant.xyz' }],
  annotations: {
    'artifacthub.io/license': 'Apache-2.0',
    'artifacthub.io/category': 'ai-machine-learning',
    'artifacthub.io/prerelease': 'false',
    'artifacthub.io/images': stringify([
      { name: 'relayer', image: `ghcr.io/consonant/relayer:${definition.appVersion}` },
      { name: 'cloudflared', image: `docker.io/cloudflare/cloudflared:${defaultTag()}` },
    ]),
    'artifacthub.io/links': stringify([
      { name: 'Documentation', url: home },
      { name: 'Source', url: repository },
    ]),
    'artifacthub.io/changes': stringify([
      {
        kind: 'added',
        description: 'First release that is generated from a typed schema and proven equal to its construct',
      },
    ]),
  },
};

function defaultTag(): string {
  const tag =
    schema.json.properties?.['cloudflare']?.properties?.['sidecar']?.properties?.['image']?.properties?.['tag'];
  return String(tag?.default);
}

const inPodFile = { file: '_pod.tpl' } as const;
const helpers: Readonly<Record<string, HelperPlacement>> = Object.fromEntries(
  Object.entries({
    name: { comment: "The name in labels: the chart's, or nameOverride." },
    fullname: { comment: 'The name of the objects. Cut to 52 bytes, so that every suffix fits behind it.' },
    labels: { comment: "Labels of every object: ours, the user's over them, those that select pods over all." },
    selectorLabels: { comment: "Labels that select the relayer's pods; nobody can change them." },
    config: { comment: 'Settings of the relayer and of the registration, as environment variables.' },
    podTemplate: { ...inPodFile, comment: 'The pod of the Deployment and of the StatefulSet.' },
    podAnnotations: inPodFile,
    containers: { ...inPodFile, comment: 'The relayer and, with a tunnel, cloudflared.' },
    podIdentity: inPodFile,
    relayerVolumeMounts: inPodFile,
    cloudflaredEnv: inPodFile,
    volumes: inPodFile,
    ingress: { file: '_networkpolicy.tpl', comment: 'Who may reach the relayer.' },
    backendEgress: { file: '_networkpolicy.tpl', comment: 'What the relayer and the registration Job may reach.' },
    egress: { file: '_networkpolicy.tpl', comment: 'What the relayer may reach.' },
    registrationEgress: { file: '_networkpolicy.tpl', comment: 'What the registration Job may reach.' },
  }).map(([name, placement]) => [`${chartName}.${name}`, placement]),
);

/** What the chart printer prints; `readme` and `files` are read from disk by the caller. */
export function chartSource(documents: Pick<ChartSource, 'readme' | 'files'>): ChartSource {
  return { ...definition, metadata, helpers, ...documents };
}
