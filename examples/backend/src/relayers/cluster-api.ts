import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clientAddress } from '../client-address.ts';
import type { FailureLimit } from '../failure-limit.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { RelayerNamespace } from './relayer-namespace.ts';
import { hashToken, type ClusterStore, type NewCluster } from '../store/cluster-store.ts';

export interface ClusterApiOptions {
  readonly clusters: ClusterStore;
  readonly metrics: Metrics;
  readonly failures: FailureLimit;
  readonly clientAddressHeader: string | undefined;
  readonly registrationToken: string | undefined;
  readonly openRegistration: boolean;
  readonly adminToken: string | undefined;
  /** Whose connections end with what is revoked. */
  readonly relayers: Pick<RelayerNamespace, 'revokeTokens' | 'revokeCluster'>;
}

const CLUSTER_NAME = /^[a-z0-9][-a-z0-9]{1,61}[a-z0-9]$/;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const REGISTRATION_KEY = /^[!-~]{8,255}$/;
const MAX_METADATA_CHARACTERS = 16_384;

/** What an id may be; anything else is answered 400, before PostgreSQL has to refuse it. */
const WITH_ID = { schema: { params: { type: 'object', properties: { id: { type: 'string', pattern: '^[!-~]+$' } } } } };

interface WithId {
  readonly Params: { readonly id: string };
}

/** Section 2 of the protocol, and beside it what an operator needs: `ADMIN_TOKEN`. */
export function addClusterApi(app: FastifyInstance, options: ClusterApiOptions): void {
  const { clusters, metrics, failures, clientAddressHeader } = options;
  app.addHook('onRequest', async (request, reply) => {
    // The route's own path: that of the request may be written with escapes.
    if (!request.routeOptions.url?.startsWith('/api/')) return undefined;
    if (!failures.isRefused(clientAddress(request, clientAddressHeader))) return undefined;
    metrics.add('backend_refused_total', 1, 'too_many_failures');
    return reply.code(429).header('retry-after', '60').send({ error: 'too_many_failures' });
  });
  app.post('/api/v1/clusters', async (request, reply) => {
    if (!(await mayRegister(request, options))) return refuse(reply, options, 'registration_unauthorized');
    const cluster = parseCluster(request);
    if (typeof cluster === 'string') return reply.code(400).send({ error: 'invalid_request', message: cluster });
    const result = await clusters.register(cluster);
    metrics.add('backend_registrations_total', 1, result.outcome);
    switch (result.outcome) {
      case 'created':
      case 'known':
        return reply.code(result.outcome === 'created' ? 201 : 200).send({ id: result.id, token: result.token });
      case 'name_taken':
        return reply.code(409).send({ error: 'name_taken', message: 'registered with another Idempotency-Key' });
      case 'revoked':
        return reply.code(403).send({ error: 'revoked', message: 'this cluster was revoked' });
    }
  });
  app.get<WithId>('/api/v1/clusters/:id', WITH_ID, async (request, reply) => {
    const authorized = await clusters.authorize(request.params.id, bearerOf(request) ?? '');
    if (!authorized) return refuse(reply, options, 'cluster_unauthorized');
    return reply.send({ id: authorized.clusterId, name: authorized.name });
  });
  addRotation(app, options);
  addAdministration(app, options);
}

function addRotation(app: FastifyInstance, options: ClusterApiOptions): void {
  const { clusters } = options;
  app.post<WithId>('/api/v1/clusters/:id/tokens', WITH_ID, async (request, reply) => {
    const { id } = request.params;
    const bearer = bearerOf(request) ?? '';
    if (!isAdmin(bearer, options) && !(await clusters.authorize(id, bearer)))
      return refuse(reply, options, 'cluster_unauthorized');
    const token = await clusters.issueToken(id);
    return token ? reply.code(201).send({ id, token }) : notFound(reply);
  });
  app.delete<WithId>('/api/v1/clusters/:id/tokens', WITH_ID, async (request, reply) => {
    const { id } = request.params;
    const bearer = bearerOf(request) ?? '';
    // The token that asks is the one that stays: rotation ends with the new one revoking the old ones.
    if (!(await clusters.authorize(id, bearer))) return refuse(reply, options, 'cluster_unauthorized');
    const revoked = await clusters.revokeTokensExcept(id, bearer);
    options.relayers.revokeTokens(revoked);
    return reply.send({ revoked: revoked.length });
  });
}

function addAdministration(app: FastifyInstance, options: ClusterApiOptions): void {
  const { clusters, relayers } = options;
  app.delete<WithId>('/api/v1/clusters/:id', WITH_ID, async (request, reply) => {
    if (!isAdmin(bearerOf(request), options)) return refuse(reply, options, 'admin_unauthorized');
    if (!(await clusters.revokeCluster(request.params.id))) return notFound(reply);
    relayers.revokeCluster(request.params.id);
    return reply.code(204).send();
  });
  app.post('/api/v1/registration-tokens', async (request, reply) => {
    if (!isAdmin(bearerOf(request), options)) return refuse(reply, options, 'admin_unauthorized');
    const { label, expiresInSeconds } = (request.body ?? {}) as { label?: unknown; expiresInSeconds?: unknown };
    if (typeof label !== 'string' || label.length > 255 || label.includes('\0'))
      return reply.code(400).send({ error: 'invalid_request', message: '`label` must be a text' });
    if (expiresInSeconds !== undefined && !(Number(expiresInSeconds) > 0 && Number(expiresInSeconds) < 1e10))
      return reply.code(400).send({ error: 'invalid_request', message: '`expiresInSeconds` must be above 0' });
    const seconds = expiresInSeconds === undefined ? undefined : Number(expiresInSeconds);
    return reply.code(201).send(await clusters.createRegistrationToken(label, seconds));
  });
  app.delete<WithId>('/api/v1/registration-tokens/:id', WITH_ID, async (request, reply) => {
    if (!isAdmin(bearerOf(request), options)) return refuse(reply, options, 'admin_unauthorized');
    return (await clusters.revokeRegistrationToken(request.params.id)) ? reply.code(204).send() : notFound(reply);
  });
}

async function mayRegister(request: FastifyRequest, options: ClusterApiOptions): Promise<boolean> {
  if (options.openRegistration) return true;
  const token = bearerOf(request);
  if (token === undefined) return false;
  return isSame(token, options.registrationToken) || (await options.clusters.acceptsRegistrationToken(token));
}

/** A text says what is wrong. */
function parseCluster(request: FastifyRequest): NewCluster | string {
  const key = request.headers['idempotency-key'];
  const { name, namespace, metadata } = (request.body ?? {}) as Record<string, unknown>;
  if (typeof key !== 'string' || !REGISTRATION_KEY.test(key)) return 'the header Idempotency-Key must be a UUID';
  if (typeof name !== 'string' || !CLUSTER_NAME.test(name))
    return '`name` must be 3 to 63 lower-case letters, digits and dashes';
  if (namespace !== undefined && (typeof namespace !== 'string' || !NAMESPACE.test(namespace)))
    return '`namespace` must be the name of a namespace';
  if (metadata !== undefined && (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)))
    return '`metadata` must be an object';
  const text = JSON.stringify(metadata ?? {});
  // PostgreSQL stores neither of the two escapes in jsonb.
  if (text.length > MAX_METADATA_CHARACTERS || /\\u0000|\\ud[89a-f]/i.test(text))
    return `\`metadata\` must be text of at most ${MAX_METADATA_CHARACTERS} characters`;
  return {
    name,
    namespace: namespace ?? 'default',
    metadata: (metadata ?? {}) as Record<string, unknown>,
    registrationKey: key,
  };
}

function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer ([!-~]{1,4096})$/.exec(request.headers.authorization ?? '')?.[1];
}

function isAdmin(token: string | undefined, { adminToken }: ClusterApiOptions): boolean {
  return token !== undefined && isSame(token, adminToken);
}

/** In a time that tells nothing about the secret. */
export function isSame(given: string, secret: string | undefined): boolean {
  return secret !== undefined && timingSafeEqual(Buffer.from(hashToken(given)), Buffer.from(hashToken(secret)));
}

function refuse(
  reply: FastifyReply,
  { metrics, failures, clientAddressHeader }: ClusterApiOptions,
  reason: string,
): FastifyReply {
  failures.note(clientAddress(reply.request, clientAddressHeader));
  metrics.add('backend_refused_total', 1, reason);
  return reply.code(401).send({ error: 'unauthorized' });
}

function notFound(reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ error: 'not_found' });
}
