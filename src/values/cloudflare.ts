import type { k8s } from 'cdk8s-plus-28';
import { z } from 'zod';
import { boolean, dataKey, formatted, optionalName, port, text } from './fields.ts';
import { formats } from './formats.ts';
import { containerSecurityContext, environment, fragment, resources } from './fragments.ts';
import { image } from './image.ts';

/** The user of cloudflared's own image. */
const nonRoot = 65532;

/** The newest release that is in wide use. `TUNNEL_TOKEN_FILE` needs 2025.4.0. */
const cloudflaredVersion = '2026.9.3';

const Metrics = z
  .strictObject({
    enabled: boolean(true, 'Serve metrics and `/ready` on the pod and scrape them with the ServiceMonitor'),
    port: port(2000, 'Port of the metrics'),
    path: formatted(formats.httpPath, '/metrics', 'Path that is scraped'),
  })
  .prefault({})
  .describe('Metrics of cloudflared');

const Sidecar = z
  .strictObject({
    image: image(
      {
        registry: 'docker.io',
        repository: 'cloudflare/cloudflared',
        tag: formatted(formats.imageTag, cloudflaredVersion, 'Tag'),
      },
      'Image of cloudflared, 2025.4.0 or newer',
    ),
    protocol: z
      .enum(['auto', 'quic', 'http2'])
      .default('quic')
      .describe("Protocol to Cloudflare's edge: quic needs UDP 7844, http2 TCP 7844"),
    logLevel: z
      .enum(['debug', 'info', 'warn', 'error', 'fatal'])
      .default('info')
      .describe('Log level; debug logs requests with their headers'),
    metrics: Metrics,
    resources: resources(
      { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '256Mi' } },
      'Resources of cloudflared',
    ),
    securityContext: containerSecurityContext(
      { runAsNonRoot: true, runAsUser: nonRoot, runAsGroup: nonRoot },
      'Security context of cloudflared. A null takes a setting away (OpenShift)',
    ),
    extraArgs: z
      .array(z.string().describe('One argument'))
      .default([])
      .describe('More arguments of `cloudflared tunnel`'),
    extraEnv: environment('More environment variables of cloudflared'),
    readinessProbe: fragment<k8s.Probe>(
      'Readiness probe. Empty: none, because `/ready` follows the edge and would take the relayer off its Service',
    ),
    livenessProbe: fragment<k8s.Probe>('Liveness probe. Empty: none'),
  })
  .prefault({})
  .describe('The cloudflared container of connector mode');

export const Cloudflare = z
  .strictObject({
    enabled: boolean(true, 'Use Cloudflare on the way to the backend'),
    mode: z
      .enum(['connector', 'access'])
      .default('connector')
      .describe(
        'connector: run cloudflared beside the relayer. access: send a Cloudflare Access service token with every request',
      ),
    tunnelToken: text('', "Token of a tunnel for this cluster, never the backend's own. A Secret is safer"),
    existingSecret: optionalName('Secret with the token of the tunnel, in place of `cloudflare.tunnelToken`'),
    existingSecretKey: dataKey('tunnelToken', 'Key of the token in that Secret'),
    access: z
      .strictObject({
        existingSecret: optionalName('Secret with the keys clientId and clientSecret. Required in access mode'),
      })
      .prefault({})
      .describe('Service token of access mode'),
    sidecar: Sidecar,
  })
  .prefault({})
  .describe('Cloudflare Tunnel and Cloudflare Access');
