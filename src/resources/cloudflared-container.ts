import { choose, concat, mergeByKey, onlyWhen, splice } from '../expression/build.ts';
import type { Container, Volume } from '../kubernetes/types.ts';
import type { Templated } from '../expression/templated.ts';
import { values } from '../values/references.ts';
import { tunnelSecret, tunnelSecretKey } from './facts.ts';
import { cloudflaredImage } from './images.ts';
import { chartName } from './names.ts';

const { cloudflare } = values;
const { sidecar } = cloudflare;
const { metrics } = sidecar;

const directory = '/var/run/cloudflared';
const file = 'tunnelToken';

/** The token as a file: in argv or the environment any process of the pod could read it. */
export const tunnelVolume: Templated<Volume> = {
  name: 'tunnel-token',
  secret: {
    secretName: tunnelSecret,
    items: [{ key: tunnelSecretKey, path: file }],
    defaultMode: 0o440,
    optional: true,
  },
};

/** Metrics and `/ready` are for the cluster, or for nobody outside the pod. */
const metricsAddress = concat(choose(metrics.enabled, '0.0.0.0', '127.0.0.1'), ':', metrics.port);

/**
 * `cloudflared tunnel run` with a token is a connector from Cloudflare's edge to this cluster: it opens no local
 * proxy, so that the relayer dials the backend's public host name itself.
 */
export const cloudflaredContainer: Templated<Container> = {
  name: 'cloudflared',
  image: cloudflaredImage,
  imagePullPolicy: sidecar.image.pullPolicy,
  args: ['tunnel', '--no-autoupdate', splice(sidecar.extraArgs), 'run'],
  env: mergeByKey(sidecar.extraEnv, {
    by: 'name',
    helper: `${chartName}.cloudflaredEnv`,
    ours: [
      { name: 'TUNNEL_TOKEN_FILE', value: `${directory}/${file}` },
      { name: 'TUNNEL_TRANSPORT_PROTOCOL', value: sidecar.protocol },
      { name: 'TUNNEL_LOGLEVEL', value: sidecar.logLevel },
      { name: 'TUNNEL_METRICS', value: metricsAddress },
    ],
  }),
  ports: [onlyWhen(metrics.enabled, { name: 'cloudflared', containerPort: metrics.port, protocol: 'TCP' as const })],
  readinessProbe: sidecar.readinessProbe,
  livenessProbe: sidecar.livenessProbe,
  resources: sidecar.resources,
  securityContext: sidecar.securityContext,
  volumeMounts: [{ name: 'tunnel-token', mountPath: directory, readOnly: true }],
};
